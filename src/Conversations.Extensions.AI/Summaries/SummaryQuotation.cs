using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Quotes the messages to summarize: the speaker on a line without a mark, and the text on lines that begin with a mark, which quoted text cannot escape.</summary>
internal static class SummaryQuotation
{
    private const string Mark = "> ";

    // A shorter excerpt has no use.
    private const int Shortest = 128;
    private const int Longest = 1 << 20;

    // For a tool call, its purpose and outcome are enough.
    private const int LongestOfTool = 1_000;

    /// <summary>Quotes a request.</summary>
    /// <param name="request">The messages to summarize.</param>
    /// <param name="tokens">The maximum number of estimated tokens.</param>
    public static string Of(SummaryRequest request, int tokens)
    {
        var summary = request.PreviousSummary is { } last ? new SummaryEntry("The last summary:", last) : null;
        var entries = SummaryEntry.Of(request.Messages);
        for (var longest = Longest; ; longest /= 2)
        {
            var lines = entries.ConvertAll(entry => Quote(entry, entry.IsOfTool ? Math.Min(longest, LongestOfTool) : longest));
            var head = Head(summary, longest);
            if (longest <= Shortest)
                return head + Joined(lines, Math.Max(tokens - Cost(head), tokens / 2));
            if (Cost(head) + lines.Sum(static line => (long)Cost(line)) <= tokens)
                return head + string.Concat(lines);
        }
    }

    private static string Head(SummaryEntry? summary, int longest) => summary is null
        ? "The messages:\n"
        // Its content exists in no other message.
        : $"{Quote(summary, Math.Max(longest, 16 * Shortest))}\n\nThe messages since:\n";

    /// <summary>Selects as many entries as fit, from both ends.</summary>
    private static string Joined(List<string> lines, long tokens)
    {
        var (from, to) = (0, lines.Count);
        while (from < to && tokens > 0)
        {
            // The last entry is taken first: it is nearest to what follows.
            var next = from < lines.Count - to ? lines[from] : lines[to - 1];
            tokens -= Cost(next);
            if (tokens < 0 && from + lines.Count - to > 0)
                break;
            if (from < lines.Count - to)
                from++;
            else
                to--;
        }

        return from == to
            ? string.Concat(lines)
            : string.Create(CultureInfo.InvariantCulture, $"{string.Concat(lines[..from])}\n[{to - from} entries are omitted here]{string.Concat(lines[to..])}");
    }

    private static int Cost(string text) => TokenCounter.Estimate.Count(text);

    private static string Quote(SummaryEntry entry, int longest)
    {
        // Every character that can end a line starts a new quoted line.
        var text = Shortened(entry.Text, longest).Replace('\v', '\n').ReplaceLineEndings("\n" + Mark);
        return $"\n{entry.Speaker}\n{Mark}{text}";
    }

    private static string Shortened(string text, int longest)
    {
        if (text.Length <= longest)
            return text;

        var from = longest / 2;
        var to = text.Length - (longest - from);
        if (char.IsHighSurrogate(text[from - 1]))
            from--;
        if (char.IsLowSurrogate(text[to]))
            to++;
        return new StringBuilder(longest + 50).Append(text, 0, from).Append(" [… ").Append(to - from).Append(" characters are omitted here …] ").Append(text, to, text.Length - to).ToString();
    }
}
