namespace Guide;

/// <summary>A code block of a page.</summary>
/// <param name="Page">The path of the page.</param>
/// <param name="Line">The number of its first line.</param>
/// <param name="Output">What it writes; null if the page does not show it.</param>
/// <param name="Create">Creates the block.</param>
public sealed record Example(string Page, int Line, string? Output, Func<PageContext> Create)
{
    /// <summary>Runs the block.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> RunAsync()
    {
        using var output = Console.Capture();
        await using var context = Create();
        await context.BeginAsync();
        await context.RunAsync();
        return output.ToString().ReplaceLineEndings("\n");
    }
}
