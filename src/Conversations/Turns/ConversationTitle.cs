using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Makes a title from what a user first said: its first line, shortened at a word where there is one.</summary>
internal static class ConversationTitle
{
    private const int MaxLength = 60;

    public static string? From(IEnumerable<ConversationMessage> messages)
    {
        foreach (var message in messages)
        {
            if (message.Role == MessageRole.User && From(message.Text) is { } title)
                return title;
        }

        return null;
    }

    private static string? From(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (!trimmed.IsEmpty)
                return Shorten(trimmed);
        }

        return null;
    }

    private static string Shorten(ReadOnlySpan<char> line)
    {
        if (line.Length <= MaxLength)
            return line.ToString();

        // A letter of ASCII is a text element, unless a mark of another alphabet follows.
        var end = Ascii.IsValid(line[..(MaxLength + 1)]) ? MaxLength - 1 : EndOfElements(line);
        var space = line[..end].LastIndexOf(' ');
        if (space > MaxLength / 2)
            end = space;

        return end == 0 ? "…" : string.Concat(line[..end].TrimEnd(), "…");
    }

    /// <summary>Whole text elements only: half an emoji is no title. One that is longer than the title is cut between characters.</summary>
    private static int EndOfElements(ReadOnlySpan<char> line)
    {
        var end = 0;
        while (end < MaxLength - 1)
        {
            var next = StringInfo.GetNextTextElementLength(line[end..Math.Min(line.Length, end + MaxLength)]);
            if (end + next > MaxLength - 1)
                break;
            end += next;
        }

        return end;
    }
}
