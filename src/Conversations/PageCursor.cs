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
    private const string Runs = "runs";

    public static string Of(Conversation last) =>
        Write(ListKind, last.LastActivityAt.UtcTicks, last.Id);

    public static string Of(string conversationId, bool newestFirst, long position) =>
        Write(newestFirst ? Newest : Oldest, position, conversationId);

    public static string OfRuns(string conversationId, long number) => Write(Runs, number, conversationId);

    public static ListPosition? ReadList(string? cursor)
    {
        if (cursor is null)
            return null;

        var (ticks, id) = Read(cursor, ListKind);
        return ticks <= DateTimeOffset.MaxValue.UtcTicks ? new ListPosition(new DateTimeOffset(ticks, TimeSpan.Zero), id) : throw Unknown(cursor);
    }

    public static long? ReadMessages(string? cursor, string conversationId, bool newestFirst) =>
        ReadWithin(cursor, conversationId, newestFirst ? Newest : Oldest);

    public static long? ReadRuns(string? cursor, string conversationId) => ReadWithin(cursor, conversationId, Runs);

    private static long? ReadWithin(string? cursor, string conversationId, string kind)
    {
        if (cursor is null)
            return null;

        var (number, id) = Read(cursor, kind);
        return string.Equals(id, conversationId, StringComparison.Ordinal) ? number : throw Unknown(cursor);
    }

    private static string Write(string kind, long number, string id) =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}|{number}|{id}")));

    private static (long Number, string Id) Read(string cursor, string kind)
    {
        if (!Base64Url.IsValid(cursor))
            throw Unknown(cursor);

        var pieces = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split('|', 3);
        return pieces.Length == 3
            && string.Equals(pieces[0], kind, StringComparison.Ordinal)
            && pieces[2].Length > 0
            && long.TryParse(pieces[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (number, pieces[2])
                : throw Unknown(cursor);
    }

    private static ArgumentException Unknown(string cursor) => new("The cursor does not belong to this list. Pass NextCursor of the page before, with the same query, or null for the first page.", nameof(cursor));
}
