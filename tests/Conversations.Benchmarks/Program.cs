using Conversations.Benchmarks.Tokens;
using Conversations.Benchmarks.Windows;

const string Usage =
    """
    Run it in Release.
    tokens                  how fast tokens are counted, and how long a vocabulary takes to load
    windows                 what a window of 20 messages costs at 1,000 and at 100,000 messages of history, limited by messages and by tokens
    counts ENCODING FILE    a count for each line of the file, which is a text in UTF-16 (little-endian) and base64: to compare with another tokenizer
    """;

switch (args)
{
    case ["tokens"]:
        TokenBenchmark.Run(Console.Out);
        return 0;
    case ["windows"]:
        return await WindowBenchmark.RunAsync(Console.Out) ? 0 : 1;
    case ["counts", var encoding, var file]:
        TokenCounts.Write(encoding, file, Console.Out);
        return 0;
    default:
        await Console.Error.WriteLineAsync(Usage);
        return 2;
}
