namespace CollectExamples;

/// <summary>A C# code block of a page, and the output that follows it.</summary>
/// <param name="Page">The path of the page, relative to the root of the repository.</param>
/// <param name="Line">The number of its first line of code.</param>
/// <param name="Code">Its lines.</param>
/// <param name="Output">The lines of the text block directly after it; null if there is none.</param>
internal sealed record CodeBlock(string Page, int Line, IReadOnlyList<string> Code, IReadOnlyList<string>? Output)
{
    private const string Fence = "```";

    /// <summary>Reads the blocks of a page.</summary>
    public static IEnumerable<CodeBlock> Of(string page, string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
                continue;

            var end = EndOf(page, lines, i);
            if (IsFence(lines[i], "csharp"))
                yield return new CodeBlock(page, i + 2, lines[(i + 1)..end], OutputAfter(page, lines, end));
            i = end;
        }
    }

    private static string[]? OutputAfter(string page, string[] lines, int end)
    {
        var next = Array.FindIndex(lines, end + 1, static line => line.Length > 0);
        return next >= 0 && IsFence(lines[next], "text") ? lines[(next + 1)..EndOf(page, lines, next)] : null;
    }

    private static bool IsFence(string line, string language) => string.Equals(line, Fence + language, StringComparison.Ordinal);

    private static int EndOf(string page, string[] lines, int start)
    {
        var end = Array.FindIndex(lines, start + 1, static line => line.StartsWith(Fence, StringComparison.Ordinal));
        return end >= 0 ? end : throw new FormatException($"{page}({start + 1}): the code block does not end.");
    }
}
