using System.Collections.Concurrent;

namespace Conversations.Soak.Checking;

/// <summary>What was asked of a store, and what it said of it. Safe from any thread.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string User, int Request), LedgerEntry> _entries = [];

    public IEnumerable<LedgerEntry> Entries => _entries.Values.OrderBy(entry => entry.User, StringComparer.Ordinal).ThenBy(entry => entry.Request);

    public LedgerEntry? Find(string user, int request) => _entries.GetValueOrDefault((user, request));

    public void Asked(string user, int request) => _entries.TryAdd((user, request), new LedgerEntry(user, request));

    /// <summary>It was answered, by this run.</summary>
    public void Acknowledged(string user, int request, string runId) =>
        _entries.AddOrUpdate((user, request), new LedgerEntry(user, request) { RunId = runId }, (_, entry) => entry with { RunId = runId, IsRefused = false, MayBeAnother = false });

    /// <summary>It is answered again: until that is acknowledged, the answer that stands there is of the one run or of the other.</summary>
    public void Again(string user, int request) =>
        _entries.AddOrUpdate((user, request), new LedgerEntry(user, request), (_, entry) => entry with { MayBeAnother = true });

    /// <summary>It was said not to be answered: nothing of an answer may stand there as if it were whole.</summary>
    public void Refused(string user, int request) =>
        _entries.AddOrUpdate((user, request), new LedgerEntry(user, request) { IsRefused = true }, (_, entry) => entry with { IsRefused = true });
}

/// <summary>A request. Without a run and not refused, nothing is known of it: it is there whole or not at all.</summary>
internal sealed record LedgerEntry(string User, int Request)
{
    /// <summary>The run that answered it, as was acknowledged.</summary>
    public string? RunId { get; init; }

    /// <summary>Whether another run may have answered it since.</summary>
    public bool MayBeAnother { get; init; }

    /// <summary>Whether it was refused, and not acknowledged since.</summary>
    public bool IsRefused { get; init; }
}
