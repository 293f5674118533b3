using Conversations.Soak.Checking;
using Conversations.StoreSpecification;

namespace Conversations.Soak.Faults;

/// <summary>The clock jumps while a turn is open.</summary>
internal static class ClockFaults
{
    /// <summary>The first turn after the jump takes over, and the holder has lost its lease.</summary>
    public static Task<List<Finding>> TakenOverAsync(Func<TimeProvider, SoakStore> open, TimeSpan jump) => RunAsync(open, async (manager, clock, ledger, findings) =>
    {
        await using var turn = await BeginAsync(manager, ledger);
        clock.SetUtcNow(clock.GetUtcNow() + jump);
        ledger.Asked("alice", 2);
        ledger.Acknowledged("alice", 2, (await manager.As("alice").RunTurnAsync(Agents.Request(Agents.Own, "alice", 2), Agents.AnswerAsync)).RunId!);
        try
        {
            await turn.CommitAsync();
            findings.Add(new Finding(FindingKind.Wrong, "the turn that was overtaken committed"));
        }
        catch (LeaseLostException)
        {
            ledger.Refused("alice", 1);
        }
    });

    /// <summary>Renewed once after the jump, the lease is held as before.</summary>
    public static Task<List<Finding>> RenewedAsync(Func<TimeProvider, SoakStore> open, TimeSpan jump) => RunAsync(open, async (manager, clock, ledger, findings) =>
    {
        await using var turn = await BeginAsync(manager, ledger);
        clock.SetUtcNow(clock.GetUtcNow() + jump);
        clock.Advance(TimeSpan.FromSeconds(10));
        ledger.Asked("alice", 2);
        try
        {
            await manager.As("alice").RunTurnAsync(Agents.Request(Agents.Own, "alice", 2), Agents.AnswerAsync);
            findings.Add(new Finding(FindingKind.Wrong, "a lease that had been renewed was taken over"));
        }
        catch (ConversationLockedException)
        {
            ledger.Refused("alice", 2);
        }

        ledger.Acknowledged("alice", 1, (await turn.CommitAsync()).RunId!);
    });

    private static async Task<ConversationTurn> BeginAsync(ConversationManager manager, Ledger ledger)
    {
        ledger.Asked("alice", 1);
        var turn = await manager.As("alice").BeginTurnAsync(Agents.Request(Agents.Own, "alice", 1));
        await Agents.AnswerAsync(turn, CancellationToken.None);
        return turn;
    }

    private static async Task<List<Finding>> RunAsync(
        Func<TimeProvider, SoakStore> open, Func<ConversationManager, ManualTimeProvider, Ledger, List<Finding>, Task> run)
    {
        var clock = new ManualTimeProvider();
        await using var data = open(clock);
        var manager = new ConversationManager(data.Open(), Agents.Options(), clock);
        var ledger = new Ledger();
        var findings = new List<Finding>();
        await run(manager, clock, ledger, findings);
        findings.AddRange(await LedgerCheck.RunAsync(manager, ledger));
        return findings;
    }
}
