using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations.Storage;

/// <summary>Writes the usage of a run that used several models as JSON. Such runs are rare, and nothing is searched by it.</summary>
internal static class UsageByModelText
{
    /// <summary>Writes the usage; null if the run used one model.</summary>
    public static string? Write(IReadOnlyList<ModelUsage> models) => models.Count == 0 ? null : JsonSerializer.Serialize(models, UsageByModelJson.Default.IReadOnlyListModelUsage);

    public static IReadOnlyList<ModelUsage> Read(string? json)
    {
        if (json is null)
            return [];

        try
        {
            return JsonSerializer.Deserialize(json, UsageByModelJson.Default.IReadOnlyListModelUsage) ?? throw RowValues.Damaged();
        }
        catch (JsonException)
        {
            // The exception can quote the content, so it is not passed on.
            throw RowValues.Damaged();
        }
    }
}

/// <summary>The source-generated serializer of <see cref="UsageByModelText"/>.</summary>
[JsonSerializable(typeof(IReadOnlyList<ModelUsage>))]
internal sealed partial class UsageByModelJson : JsonSerializerContext;
