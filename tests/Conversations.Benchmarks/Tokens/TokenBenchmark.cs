using System.Diagnostics;
using System.Text;

namespace Conversations.Benchmarks.Tokens;

/// <summary>Measures what the counters promise: megabytes of UTF-8 a second on text seen before, on text never seen, on runs of one character, and the first count.</summary>
internal static class TokenBenchmark
{
    private const int TextLength = 2_000_000;
    private const int RunLength = 1_000_000;
    private const int Rounds = 7;

    public static void Run(TextWriter output)
    {
        foreach (var counter in new[] { TiktokenCounters.O200kBase, TiktokenCounters.Cl100kBase })
        {
            var load = Time(counter, "load");
            output.WriteLine($"{counter.Name}: first count {load.TotalMilliseconds:F0} ms");

            var texts = new MixedTexts(seed: 1);
            var seen = texts.Next(TextLength);
            for (var i = 0; i < Rounds; i++)
                Time(counter, seen);
            Report(output, "seen before", Enumerable.Range(0, Rounds).Select(_ => Speed(counter, seen)));
            Report(output, "never seen", Enumerable.Range(0, Rounds).Select(_ => Speed(counter, texts.Next(TextLength))));
            Report(output, "Chinese", Enumerable.Range(0, Rounds).Select(_ => Speed(counter, Chinese(texts: new Random(2)))));
            foreach (var (name, run) in Megabytes())
                Report(output, $"a megabyte of {name}", Enumerable.Range(0, Rounds).Select(_ => Speed(counter, run)));
        }

        var mixed = new MixedTexts(seed: 3).Next(TextLength);
        output.WriteLine($"{TokenCounter.Estimate.Name}:");
        Report(output, "seen before", Enumerable.Range(0, Rounds).Select(_ => Speed(TokenCounter.Estimate, mixed)));
    }

    private static IEnumerable<(string Name, string Text)> Megabytes() =>
    [
        ("letters", new string('a', RunLength)),
        ("spaces", new string(' ', RunLength)),
        ("digits", new string('7', RunLength)),
        ("emoji", string.Concat(Enumerable.Repeat("😀", RunLength / 4))),
        ("ideographs", new string('的', RunLength / 3)),
    ];

    /// <summary>Sentences of frequent characters at random: most of their pieces are no tokens.</summary>
    private static string Chinese(Random texts)
    {
        const string Frequent = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里";
        var text = new StringBuilder();
        while (text.Length < TextLength / 3)
            text.Append(Frequent[texts.Next(Frequent.Length)]).Append(texts.Next(12) == 0 ? "，" : "");
        return text.ToString();
    }

    private static double Speed(ITokenCounter counter, string text) => Encoding.UTF8.GetByteCount(text) / 1e6 / Time(counter, text).TotalSeconds;

    private static TimeSpan Time(ITokenCounter counter, string text)
    {
        var start = Stopwatch.GetTimestamp();
        counter.Count(text);
        return Stopwatch.GetElapsedTime(start);
    }

    private static void Report(TextWriter output, string name, IEnumerable<double> speeds)
    {
        var sorted = speeds.Order().ToList();
        output.WriteLine($"  {name,-26} {sorted[sorted.Count / 2],7:F1} MB/s ({sorted[0]:F1} to {sorted[^1]:F1})");
    }
}
