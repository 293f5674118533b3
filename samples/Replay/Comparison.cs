using Conversations;

namespace Replay;

/// <summary>Compares what was recorded with what is stored, to the letter.</summary>
internal static class Comparison
{
    /// <summary>The differences, one for each message that differs; each states where and in what, without content.</summary>
    public static IEnumerable<string> Differences(IReadOnlyList<RecordedMessage> recorded, IReadOnlyList<StoredMessage> stored)
    {
        for (var i = 0; i < Math.Max(recorded.Count, stored.Count); i++)
        {
            if (i >= stored.Count)
                yield return $"messages[{i}] is not stored";
            else if (i >= recorded.Count)
                yield return $"position {stored[i].Position} is stored, but was not recorded";
            else if (Difference(recorded[i], stored[i], position: i + 1) is { } difference)
                yield return $"messages[{i}] differs in {difference}";
        }
    }

    private static string? Difference(RecordedMessage recorded, StoredMessage stored, int position)
    {
        if (stored.Role != recorded.Role)
            return "role";
        if (stored.Position != position)
            return "position";
        if (stored.IsPartial)
            return "being partial";

        return recorded.Role == MessageRole.Tool ? ResultDifference(recorded, stored) : TextDifference(recorded, stored);
    }

    private static string? ResultDifference(RecordedMessage recorded, StoredMessage stored)
    {
        if (stored.Parts is not [ToolResultPart { IsError: false } result])
            return "parts";
        if (!Same(result.CallId, recorded.CallId))
            return "tool_call_id";
        if (!Same(result.Name, recorded.Name))
            return "name";

        return Same(result.Content, recorded.Content) ? null : "content";
    }

    private static string? TextDifference(RecordedMessage recorded, StoredMessage stored)
    {
        var texts = stored.Parts.OfType<TextPart>().ToList();
        var calls = stored.Parts.OfType<ToolCallPart>().ToList();
        if (texts.Count > 1 || texts.Count + calls.Count != stored.Parts.Count || (texts.Count == 1 && stored.Parts[0] is not TextPart))
            return "parts";
        if (!Same(texts.Count == 0 ? null : texts[0].Text, recorded.Content))
            return "content";

        return calls.Select(call => new RecordedCall(call.CallId, call.Name, call.Arguments)).SequenceEqual(recorded.Calls) ? null : "tool_calls";
    }

    private static bool Same(string? stored, string? recorded) => string.Equals(stored, recorded, StringComparison.Ordinal);
}
