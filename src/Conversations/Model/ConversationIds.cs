using System.Globalization;

namespace Conversations;

/// <summary>How ids are written. A message is known by its conversation and position, a run by its conversation and
/// number, so their ids need no column and no index of their own.</summary>
internal static class ConversationIds
{
    private const string ConversationPrefix = "conv_";
    private const string MessagePrefix = "msg_";
    private const string RunPrefix = "run_";

    /// <summary>A new id: it begins with the time, and ends with 74 random bits.</summary>
    public static string NewConversation(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{ConversationPrefix}{UuidV7.New(now):N}");

    public static string Message(string conversationId, long position) => Part(MessagePrefix, conversationId, position);

    public static string Run(string conversationId, long number) => Part(RunPrefix, conversationId, number);

    public static bool TryParseMessage(string id, out string conversationId, out long position) =>
        TryParsePart(MessagePrefix, id, out conversationId, out position);

    public static bool TryParseRun(string id, out string conversationId, out long number) =>
        TryParsePart(RunPrefix, id, out conversationId, out number);

    private static string Part(string prefix, string conversationId, long number)
    {
        var stem = conversationId.AsSpan(conversationId.StartsWith(ConversationPrefix, StringComparison.Ordinal) ? ConversationPrefix.Length : 0);
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}{stem}_{number}");
    }

    private static bool TryParsePart(string prefix, string id, out string conversationId, out long number)
    {
        conversationId = "";
        number = 0;
        var split = id.LastIndexOf('_');
        if (!id.StartsWith(prefix, StringComparison.Ordinal) || split <= prefix.Length)
            return false;
        if (!long.TryParse(id.AsSpan(split + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1)
            return false;

        conversationId = string.Concat(ConversationPrefix, id.AsSpan(prefix.Length, split - prefix.Length));
        // Only the canonical spelling is an id: "007" is not another name of 7.
        return string.Equals(Part(prefix, conversationId, number), id, StringComparison.Ordinal);
    }
}
