using System.Runtime.InteropServices;

namespace Conversations.Benchmarks.Tokens;

/// <summary>Counts texts that another tokenizer counts as well. UTF-16 in base64 carries ill-formed text, too.</summary>
internal static class TokenCounts
{
    private static readonly ITokenCounter[] Counters = [TiktokenCounters.O200kBase, TiktokenCounters.Cl100kBase, TokenCounter.Estimate];

    public static void Write(string encoding, string file, TextWriter output)
    {
        var counter = Counters.Single(counter => string.Equals(counter.Name, encoding, StringComparison.Ordinal));
        foreach (var line in File.ReadLines(file))
            output.WriteLine(counter.Count(MemoryMarshal.Cast<byte, char>(Convert.FromBase64String(line))));
    }
}
