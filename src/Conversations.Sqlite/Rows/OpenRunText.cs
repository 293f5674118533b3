using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations.Storage;

/// <summary>Writes an open run with values that have no column as JSON. The library begins only runs on existing input, or that replace a message, with such a value, so this is rare.</summary>
internal static class OpenRunText
{
    /// <summary>Writes a run.</summary>
    /// <returns>The JSON; <see langword="null"/> if the columns hold everything.</returns>
    public static string? WriteUnlessPlain(ConversationRun run)
    {
        var plain = new ConversationRun
        {
            ConversationId = run.ConversationId,
            Number = run.Number,
            Status = RunStatus.Running,
            Caller = run.Caller,
            IdempotencyKey = run.IdempotencyKey,
            InputPosition = run.InputPosition,
            InputCount = run.InputCount,
            StartedAt = run.StartedAt,
        };
        return run == plain ? null : JsonSerializer.Serialize(run, OpenRunJson.Default.ConversationRun);
    }

    public static ConversationRun Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OpenRunJson.Default.ConversationRun) ?? throw RowValues.Damaged();
        }
        catch (JsonException)
        {
            // The exception can quote the content, so it is not passed on.
            throw RowValues.Damaged();
        }
    }
}

/// <summary>The source-generated serializer of <see cref="OpenRunText"/>.</summary>
[JsonSerializable(typeof(ConversationRun))]
internal sealed partial class OpenRunJson : JsonSerializerContext;
