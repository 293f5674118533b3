using System.Globalization;
using System.Text;

namespace Conversations.Benchmarks.Tokens;

/// <summary>Prose, code and JSON in equal parts: pages and sources of this repository, each time with other words, and invented orders.</summary>
internal sealed class MixedTexts(int seed)
{
    private const int Share = 4096;
    private const string Syllables = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu";

    private static readonly string[] Parts = Syllables.Split(' ');
    private static readonly string Prose = Files("*.md");
    private static readonly string Code = Files("*.cs");

    private readonly Random _random = new(seed);

    /// <summary>A text of at least so many characters. Every eighth word of prose and code is one that was never seen.</summary>
    public string Next(int length)
    {
        var text = new StringBuilder(length + (4 * Share));
        while (text.Length < length)
        {
            AddFile(text, Prose);
            AddFile(text, Code);
            AddOrders(text);
        }

        return text.ToString();
    }

    private static string Files(string pattern)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Conversations.sln")))
            root = root.Parent ?? throw new InvalidOperationException("It does not run within the repository.");

        var separator = Path.DirectorySeparatorChar;
        return string.Concat(root.EnumerateFiles(pattern, SearchOption.AllDirectories)
            .Where(file => !file.FullName.Contains($"{separator}obj{separator}", StringComparison.Ordinal))
            .OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => File.ReadAllText(file.FullName)));
    }

    private void AddFile(StringBuilder text, string files)
    {
        var start = _random.Next(files.Length - Share);
        foreach (var (i, word) in files.Substring(start, Share).Split(' ').Index())
            text.Append(i % 8 == 7 ? Word() : word).Append(' ');
        text.Append('\n');
    }

    private void AddOrders(StringBuilder text)
    {
        var end = text.Length + Share;
        while (text.Length < end)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""{"order_id": "{{_random.Next(10_000_000):x}}", "customer": {"name": "{{Word()}} {{Word()}}"},""");
            text.Append(CultureInfo.InvariantCulture, $$""" "items": [{"product_id": {{_random.Next(100_000)}}, "price": {{_random.NextDouble() * 500:F2}}, "in_stock": true}]}""").Append('\n');
        }
    }

    private string Word() => string.Concat(Enumerable.Range(0, _random.Next(2, 5)).Select(_ => Parts[_random.Next(Parts.Length)]));
}
