using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Quotes what is to be summarised: who speaks on a line of ours, and what is said on lines that begin with a mark, which no text can leave.</summary>
internal static class SummaryQuotation
{
    private const string Mark = "> ";

    // Less than this is no longer worth reading.
    private const int Shortest = 128;
    private const int Longest = 1 << 20;

    // Of a tool it is enough to know what it was for and how it went.
    private const int LongestOfTool = 1_000;

    /// <summary>Quotes a request.</summary>
    /// <param name="request">What is to be summarised.</param>
    /// <param name="tokens">How many tokens it may cost, as they are estimated.</param>
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
        ? "What was said:\n"
        // What it says is said nowhere else.
        : $"{Quote(summary, Math.Max(longest, 16 * Shortest))}\n\nWhat was said since:\n";

    /// <summary>As many as there is room for, from both ends.</summary>
    private static string Joined(List<string> lines, long tokens)
    {
        var (from, to) = (0, lines.Count);
        while (from < to && tokens > 0)
        {
            // The last one comes first: it is nearest to what follows.
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
            : string.Create(CultureInfo.InvariantCulture, $"{string.Concat(lines[..from])}\n[{to - from} are left out here]{string.Concat(lines[to..])}");
    }

    private static int Cost(string text) => TokenCounter.Estimate.Count(text);

    private static string Quote(SummaryEntry entry, int longest)
    {
        // Whatever could be taken for the end of a line is one.
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
        return new StringBuilder(longest + 50).Append(text, 0, from).Append(" [… ").Append(to - from).Append(" characters are left out here …] ").Append(text, to, text.Length - to).ToString();
    }
}
