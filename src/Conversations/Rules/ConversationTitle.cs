using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Creates a title from the first user message: its first line, shortened after a word if possible.</summary>
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
            if (trimmed.IsEmpty)
                continue;

            // A line can be as long as a message.
            var beginning = WellFormed.OfOneLine(trimmed[..Math.Min(trimmed.Length, 4 * MaxLength)].ToString());
            if (!string.IsNullOrWhiteSpace(beginning))
                return Shorten(beginning);
        }

        return null;
    }

    private static string Shorten(ReadOnlySpan<char> line)
    {
        if (line.Length <= MaxLength)
            return line.ToString();

        // An ASCII letter is a text element, unless a combining mark follows.
        var end = Ascii.IsValid(line[..(MaxLength + 1)]) ? MaxLength - 1 : EndOfElements(line);
        var space = line[..end].LastIndexOf(' ');
        if (space > MaxLength / 2)
            end = space;

        return end == 0 ? "…" : string.Concat(line[..end].TrimEnd(), "…");
    }

    /// <summary>Shortens the text between text elements, so that no emoji is split. A single text element that is longer than the title is cut between characters.</summary>
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
