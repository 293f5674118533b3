using Conversations.Soak.Checking;
using Conversations.Storage;

namespace Conversations.Soak.Cancellations;

/// <summary>Two users at once, cancelled at every await, on each store. Afterwards everything is as acknowledged, and refused requests can be sent again.</summary>
internal static class CancellationRuns
{
    private const int PerRound = 500;

    public static async Task<Tally> RunAsync(int seed, int cancellations, TextWriter output, Func<IConversationStore, IConversationStore>? wrap = null)
    {
        var tally = new Tally("cancellations", output);
        for (var (left, round) = (cancellations, 0); left > 0; left -= PerRound, round++)
        {
            // Half of them on each store.
            var each = Math.Max(1, Math.Min(left, PerRound) / 4);
            await RoundAsync(SoakStore.Memory(TimeProvider.System, wrap), unchecked(seed + round), each, tally);
            await RoundAsync(SoakStore.Sqlite(TimeProvider.System, wrap), unchecked(seed + round), each, tally);
        }

        return tally;
    }

    private static async Task RoundAsync(SoakStore data, int seed, int each, Tally tally)
    {
        await using (data)
            tally.Add($"seed {seed} ({data.Name})", await Guard.RunAsync(() => RoundOfAsync(data, seed, each, tally)));
    }

    private static async Task<List<Finding>> RoundOfAsync(SoakStore data, int seed, int each, Tally tally)
    {
        var ledger = new Ledger();
        var manager = new ConversationManager(new CancellingStore(data.Open()), Agents.Options());
        CancelledUser[] users = [new("alice", manager, ledger, new Random(seed)), new("bob", manager, ledger, new Random(~seed))];

        var findings = (await Task.WhenAll(users.Select(user => Task.Run(() => user.RunAsync(each))))).SelectMany(found => found).ToList();
        tally.Note("tokens cancelled", users.Sum(user => user.Cancellations));
        tally.Note("requests", ledger.Entries.Count());
        tally.Note("requests refused", ledger.Entries.Count(entry => entry.IsRefused));
        findings.AddRange(await LedgerCheck.RunAsync(manager, ledger));

        foreach (var user in users)
            findings.AddRange(await user.EndAsync());
        findings.AddRange(await LedgerCheck.RunAsync(manager, ledger));
        findings.AddRange(await manager.ListAsync()
            .Where(conversation => conversation.ForkedFrom is not null)
            .Select(conversation => new Finding(FindingKind.Torn, $"the fork {conversation.Id} was left behind"))
            .ToListAsync());

        await data.CloseAsync();
        if (data.File is { } file)
            findings.AddRange(DatabaseCheck.Run(file));
        return [.. findings.Distinct()];
    }
}
