using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations.Storage;

/// <summary>Writes an open run with values that have no column as JSON. The library begins only runs on existing input, or that replace a message, with such a value, and a run that is asked to stop gets one, so this is rare.</summary>
/// <param name="Run">The run.</param>
/// <param name="IsStopRequested">Whether it was asked to stop.</param>
internal sealed record OpenRunText(ConversationRun Run, bool IsStopRequested)
{
    /// <summary>Writes a run.</summary>
    /// <returns>The JSON; <see langword="null"/> if the columns hold everything.</returns>
    public static string? WriteUnlessPlain(OpenRun open)
    {
        var run = open.Run;
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
        return run == plain && !open.IsStopRequested ? null : JsonSerializer.Serialize(new OpenRunText(run, open.IsStopRequested), OpenRunJson.Default.OpenRunText);
    }

    public static OpenRunText Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OpenRunJson.Default.OpenRunText) is { Run: not null } read ? read : throw RowValues.Damaged();
        }
        catch (JsonException)
        {
            // The exception can quote the content, so it is not passed on.
            throw RowValues.Damaged();
        }
    }
}

/// <summary>The source-generated serializer of <see cref="OpenRunText"/>.</summary>
[JsonSerializable(typeof(OpenRunText))]
internal sealed partial class OpenRunJson : JsonSerializerContext;
