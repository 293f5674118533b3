using System.Globalization;

namespace Conversations;

/// <summary>Defines the format of ids. A conversation and a position identify a message; a conversation and
/// a number identify a run. Their ids therefore need no separate column or index.</summary>
internal static class ConversationIds
{
    private const string ConversationPrefix = "conv_";
    private const string MessagePrefix = "msg_";
    private const string RunPrefix = "run_";

    /// <summary>Returns a new id. It begins with the time and ends with 74 random bits.</summary>
    public static string NewConversation(DateTimeOffset now) => string.Create(CultureInfo.InvariantCulture, $"{ConversationPrefix}{UuidV7.New(now):N}");

    public static string Message(string conversationId, long position) => Part(MessagePrefix, conversationId, position);

    public static string Run(string conversationId, long number) => Part(RunPrefix, conversationId, number);

    public static bool TryParseMessage(string id, out string conversationId, out long position) =>
        TryParsePart(MessagePrefix, id, out conversationId, out position);

    public static bool TryParseRun(string id, out string conversationId, out long number) =>
        TryParsePart(RunPrefix, id, out conversationId, out number);

    /// <summary>Returns the noun for an id in a message to people. Text that is not an id counts as the id of a conversation.</summary>
    public static string KindOf(string id) =>
        id.StartsWith(MessagePrefix, StringComparison.Ordinal) ? "Message"
        : id.StartsWith(RunPrefix, StringComparison.Ordinal) ? "Run"
        : "Conversation";

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
        // Only the canonical form is an id: "007" does not denote 7.
        return string.Equals(Part(prefix, conversationId, number), id, StringComparison.Ordinal);
    }
}
