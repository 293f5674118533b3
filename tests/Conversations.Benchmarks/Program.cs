using System.CommandLine;
using Conversations.Benchmarks.Micro;
using Conversations.Benchmarks.Pairs;
using Conversations.Benchmarks.Tokens;
using Conversations.Benchmarks.Windows;
using Conversations.Benchmarks.Workloads;

var tokens = new Command("tokens", "How fast tokens are counted, and how long a vocabulary takes to load.");
tokens.SetAction(_ => TokenBenchmark.Run(Console.Out));

var windows = new Command("windows", "What a window of 20 messages costs at 1,000 and at 100,000 messages of history, limited by messages and by tokens.");
windows.SetAction(async (_, _) => await WindowBenchmark.RunAsync(Console.Out) ? 0 : 1);

var encoding = new Argument<string>("encoding") { Description = "The name of a counter." };
var file = new Argument<string>("file") { Description = "Each of its lines is a text in UTF-16 (little-endian) and base64." };
var counts = new Command("counts", "A count for each line of a file: to compare with another tokenizer.") { encoding, file };
counts.SetAction(arguments => TokenCounts.Write(arguments.GetRequiredValue(encoding), arguments.GetRequiredValue(file), Console.Out));

var micro = new Command("micro", "The small parts of a turn, by BenchmarkDotNet: the key of an identity, the shape of a window, the tokens of a text, the JSON of a message.");
micro.SetAction(_ => MicroBenchmarks.Run());

return await new RootCommand("Measures the library. Run it in Release.") { tokens, windows, counts, micro, PairCommand.Make(), WorkloadCommand.Make() }
    .Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
