using System.Globalization;
using System.Runtime.Versioning;
using Conversations.StoreSpecification;

namespace Conversations.Soak.Faults;

/// <summary>What the child processes of the faults do.</summary>
internal static class FaultChildren
{
    private const int TimeBetween = 50_000;

    /// <summary>Begins a turn, and answers on a line of input.</summary>
    public static async Task<int> HoldAsync(string file, string user, int request)
    {
        await using var store = new SqliteConversationStore($"Data Source={file}");
        var manager = new ConversationManager(store, Agents.Options());
        Say("asking", user, request);
        await using var turn = await manager.As(user).BeginTurnAsync(Agents.Request(Agents.Own, user, request));
        Console.WriteLine("begun");
        await Console.In.ReadLineAsync();
        await Agents.AnswerAsync(turn, CancellationToken.None);
        try
        {
            Say("answered", user, request, (await turn.CommitAsync()).RunId!);
        }
        catch (ConversationException exception)
        {
            Say("refused", user, request, exception.Code);
        }

        return 0;
    }

    /// <summary>Sends requests to the shared agent, one after another: some wait for the other process, some are repeated at once until they succeed.</summary>
    public static async Task<int> TurnsAsync(string file, string user, int count)
    {
        await using var store = new SqliteConversationStore($"Data Source={file}");
        var manager = new ConversationManager(store, Agents.Options(agent => agent.OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(10))));
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
        for (var request = 1; request <= count; request++)
        {
            Say("asking", user, request);
            Say("answered", user, request, (await AskAsync(request)).RunId!);

            // Between two turns, so that the other process can begin one.
            Thread.SpinWait(TimeBetween);
        }

        return 0;

        async Task<TurnResult> AskAsync(int request)
        {
            var made = Agents.Request(Agents.Shared, user, request);
            var insisting = new TurnRequest(made.Agent, made.Input) { IdempotencyKey = made.IdempotencyKey, OnBusy = BusyPolicy.Reject };
            while (true)
            {
                try
                {
                    return await manager.As(user).RunTurnAsync(request % 10 == 0 ? made : insisting, Agents.AnswerAsync);
                }
                catch (ConversationLockedException)
                {
                    // At once again.
                }
            }
        }
    }

    /// <summary>Sends requests until files cannot grow and a few requests were refused. Then it lifts the limit and sends those again.</summary>
    [SupportedOSPlatform("linux")]
    public static async Task<int> LimitedAsync(string file, string user, ulong bytes)
    {
        const int Refusals = 3;
        var clock = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var store = new SqliteConversationStore($"Data Source={file}", clock);
        var manager = new ConversationManager(store, Agents.Options(), clock);
        var view = manager.As(user);
        var other = (await manager.As("other").RunTurnAsync(Agents.Request(Agents.Own, "other", 1), Agents.AnswerAsync)).ConversationId!;
        Linux.LimitFileSize(bytes);
        var refused = new List<int>();
        for (var request = 1; refused.Count < Refusals; request++)
        {
            if (!await AskAsync(request))
                refused.Add(request);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        await DeleteAsync();
        Linux.LimitFileSize(null);
        await DeleteAsync();
        foreach (var request in refused)
            await AskAsync(request);
        return 0;

        async Task DeleteAsync()
        {
            try
            {
                Console.WriteLine(await manager.DeleteAsync(other) ? "deleted" : "gone");
            }
            catch (ConversationException exception)
            {
                Console.WriteLine($"kept {exception.Code}");
            }
        }

        async Task<bool> AskAsync(int request)
        {
            Say("asking", user, request);
            try
            {
                Say("answered", user, request, (await view.RunTurnAsync(Agents.Request(Agents.Own, user, request), Agents.AnswerAsync)).RunId!);
                return true;
            }
            catch (ConversationException exception)
            {
                Say("refused", user, request, exception.Code);
                return false;
            }
        }
    }

    private static void Say(string what, string user, int request, string more = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {user} {request} {more}").TrimEnd());
}
