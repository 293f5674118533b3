// The program that is compiled against each of the two builds. It uses only what both have, and the C# of the compiler that the benchmarks refer to. The parent writes one command a line to its input; it answers each with one line.
//   prepare <scenario> <database or -> <messages>     opens the store and fills the conversations of the scenario
//   batch <turns>                                     runs turns; answers with microseconds, allocated bytes and microseconds of the processor per turn
//   pages <turns>                                     runs turns; answers with the bytes by which the log of the database grew per turn
//   first <count>                                     begins so many turns of one new user at once; answers with the loads per begin, mean and highest
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Conversations;
using Conversations.Storage;

internal static class PairChild
{
    private const string Agent = "support-bot";

    private static readonly string Question = Repeat("Where does my order stand? ", 200);
    private static readonly string Answer = Repeat("It left the warehouse on Monday, \"by parcel\". ", 800);

    private static string _scenario = "";
    private static string _path = "";
    private static IConversationStore _store = null!;
    private static ConversationManager _manager = null!;
    private static ScopedConversations[] _users = Array.Empty<ScopedConversations>();
    private static long _keys;

    public static async Task<int> Main()
    {
        while (Console.In.ReadLine() is { } line)
        {
            var words = line.Split('\t');
            var answer = words[0] switch
            {
                "prepare" => await PrepareAsync(words[1], words[2], int.Parse(words[3], CultureInfo.InvariantCulture)),
                "batch" => await BatchAsync(int.Parse(words[1], CultureInfo.InvariantCulture)),
                "pages" => await PagesAsync(int.Parse(words[1], CultureInfo.InvariantCulture)),
                "first" => await FirstAsync(int.Parse(words[1], CultureInfo.InvariantCulture)),
                _ => "unknown",
            };
            Console.Out.WriteLine(answer);
            Console.Out.Flush();
        }

        await _store.DisposeAsync();
        return 0;
    }

    private static async Task<string> PrepareAsync(string scenario, string path, int messages)
    {
        (_scenario, _path) = (scenario, path);
        _store = path == "-" ? new InMemoryConversationStore() : new SqliteConversationStore("Data Source=" + path);
        _manager = NewManager(_store);
        var workers = scenario.StartsWith("workers-", StringComparison.Ordinal) ? int.Parse(scenario.AsSpan("workers-".Length), CultureInfo.InvariantCulture) : 1;
        _users = Enumerable.Range(0, workers).Select(UserOf).ToArray();
        for (var user = 0; user < workers && messages > 0; user++)
        {
            var history = Enumerable.Range(1, messages).Select(position => position % 2 == 1 ? ConversationMessage.User(Question) : ConversationMessage.Assistant(Answer));
            await _manager.ImportAsync(new ConversationImport(Agent, history) { Identity = IdentityOf(user) });
        }

        return "ready";
    }

    private static async Task<string> BatchAsync(int turns)
    {
        var (allocated, processor) = (GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime);
        var start = Stopwatch.GetTimestamp();
        if (_users.Length == 1)
        {
            for (var i = 0; i < turns; i++)
                await TurnAsync(_users[0]);
        }
        else
        {
            await Task.WhenAll(_users.Select(user => Task.Run(async () =>
            {
                for (var i = 0; i < turns; i++)
                    await TurnAsync(user);
            })));
        }

        var time = Stopwatch.GetElapsedTime(start);
        processor = Environment.CpuUsage.TotalTime - processor;
        var count = (double)turns * _users.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds / count:R} {(GC.GetTotalAllocatedBytes(precise: true) - allocated) / count:R} {processor.TotalMicroseconds / count:R}");
    }

    private static async Task<string> PagesAsync(int turns)
    {
        var before = new FileInfo(_path + "-wal").Length;
        for (var i = 0; i < turns; i++)
            await TurnAsync(_users[0]);
        return string.Create(CultureInfo.InvariantCulture, $"{(new FileInfo(_path + "-wal").Length - before) / (double)turns:R}");
    }

#if LOADS
    private static async Task<string> FirstAsync(int count)
    {
        var store = new LoadCountingStore(_store);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var user = 1_000_000 + (int)Interlocked.Increment(ref _keys);
        var begins = Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            // Each has a manager of its own, as in a process of its own: managers queue the turns of a conversation.
            var manager = NewManager(store);
            var loads = LoadCountingStore.Count();
            await gate.Task;
            try
            {
                await manager.ForIdentity(IdentityOf(user)).RunTurnAsync(new TurnRequest(Agent, Question), AnswerAsync);
            }
            catch (ConversationException)
            {
                // Another one holds the lease.
            }

            return loads.Value;
        })).ToArray();
        gate.SetResult();
        var loads = await Task.WhenAll(begins);
        return string.Create(CultureInfo.InvariantCulture, $"{loads.Average():R} {loads.Max()}");
    }

    private sealed class LoadCountingStore : DelegatingConversationStore
    {
        private static readonly AsyncLocal<StrongBox?> Counter = new();

        public LoadCountingStore(IConversationStore inner)
            : base(inner)
        {
        }

        public static StrongBox Count() => Counter.Value = new StrongBox();

        public override ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
        {
            if (lookup.Scope is not null && Counter.Value is { } counter)
                counter.Value++;
            return base.LoadAsync(lookup, cancellationToken);
        }
    }

    private sealed class StrongBox
    {
        public int Value;
    }
#else
    private static Task<string> FirstAsync(int count) => Task.FromResult("NaN NaN");
#endif

    private static ConversationManager NewManager(IConversationStore store) => new(store, new ConversationOptions().AddAgent(Agent));

    private static ConversationIdentity IdentityOf(int user) => ConversationIdentity.ForUser("user_" + user.ToString("D7", CultureInfo.InvariantCulture));

    private static ScopedConversations UserOf(int user) => _manager.ForIdentity(IdentityOf(user));

    private static Task TurnAsync(ScopedConversations user) => user.RunTurnAsync(
        new TurnRequest(Agent, Question) { IdempotencyKey = _scenario == "keyed" ? "request-" + Interlocked.Increment(ref _keys).ToString("D10", CultureInfo.InvariantCulture) : null },
        AnswerAsync);

    private static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        _ = turn.Prompt;
        turn.Add(ConversationMessage.Assistant(Answer));
        return Task.CompletedTask;
    }

    private static string Repeat(string text, int length) => string.Concat(Enumerable.Repeat(text, (length / text.Length) + 1))[..length];
}
