using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Conversations.Storage;

namespace Conversations;

/// <summary>Formats and parses the position in a list as opaque text. A cursor is not a permission: each page is read with the access of the caller.</summary>
internal static class PageCursor
{
    private const string ListKind = "list";
    private const string Oldest = "oldest";
    private const string Newest = "newest";
    private const string ChangedOldest = "changed-oldest";
    private const string ChangedNewest = "changed-newest";
    private const string Runs = "runs";
    private const string FeedbackKind = "feedback";

    public static string Of(Conversation last) =>
        Write(ListKind, last.Id, last.LastActivityAt.UtcTicks);

    /// <summary>Formats the position in messages, with what is read of them if the caller has some already: it is found once for all pages.</summary>
    public static string Of(string conversationId, bool newestFirst, long position, ChangedMessages? changed) => changed is { } messages
        ? Write(newestFirst ? ChangedNewest : ChangedOldest, conversationId, position, messages.After, messages.Last)
        : Write(newestFirst ? Newest : Oldest, conversationId, position);

    public static string OfRuns(string conversationId, long number) => Write(Runs, conversationId, number);

    public static string Of(FeedbackPlace last) => Write(FeedbackKind, $"{last.ConversationId}|{last.Caller}", last.GivenAt.UtcTicks, last.Position);

    public static FeedbackPlace? ReadFeedback(string? cursor)
    {
        if (cursor is null)
            return null;

        // An id contains no bar.
        var (numbers, ids) = Read(cursor, FeedbackKind, 2);
        return ids.Split('|', 2) is [var conversationId, var caller] && numbers[0] <= DateTimeOffset.MaxValue.UtcTicks
            ? new FeedbackPlace(new DateTimeOffset(numbers[0], TimeSpan.Zero), conversationId, numbers[1], caller)
            : throw Unknown(cursor);
    }

    public static ListPosition? ReadList(string? cursor)
    {
        if (cursor is null)
            return null;

        var (numbers, id) = Read(cursor, ListKind, 1);
        return numbers[0] is var ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new ListPosition(new DateTimeOffset(ticks, TimeSpan.Zero), id) : throw Unknown(cursor);
    }

    public static long? ReadMessages(string? cursor, string conversationId, bool newestFirst) =>
        ReadWithin(cursor, conversationId, newestFirst ? Newest : Oldest, 1)?[0];

    public static (long? Position, ChangedMessages? Changed) ReadChanged(string? cursor, string conversationId, bool newestFirst) =>
        ReadWithin(cursor, conversationId, newestFirst ? ChangedNewest : ChangedOldest, 3) is [var position, var after, var last] ? (position, new ChangedMessages(after, last)) : (null, null);

    public static long? ReadRuns(string? cursor, string conversationId) => ReadWithin(cursor, conversationId, Runs, 1)?[0];

    private static long[]? ReadWithin(string? cursor, string conversationId, string kind, int count)
    {
        if (cursor is null)
            return null;

        var (numbers, id) = Read(cursor, kind, count);
        return string.Equals(id, conversationId, StringComparison.Ordinal) ? numbers : throw Unknown(cursor);
    }

    private static string Write(string kind, string id, params long[] numbers) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}|{string.Join(',', numbers)}|{id}")));

    private static (long[] Numbers, string Id) Read(string cursor, string kind, int count)
    {
        if (!Base64Url.IsValid(cursor))
            throw Unknown(cursor);

        var pieces = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('|', 3);
        if (pieces.Length != 3 || !string.Equals(pieces[0], kind, StringComparison.Ordinal) || pieces[2].Length == 0)
            throw Unknown(cursor);

        var numbers = pieces[1].Split(',').Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue ? number : throw Unknown(cursor)).ToArray();
        return numbers.Length == count ? (numbers, pieces[2]) : throw Unknown(cursor);
    }

    private static ArgumentException Unknown(string cursor) => new("The cursor does not belong to this list. Pass NextCursor of the page before, with the same query, or null for the first page.", nameof(cursor));
}
