using System.Collections.Concurrent;

namespace Conversations.Soak.Checking;

/// <summary>The requests that were sent to a store, and what it acknowledged. Safe for use by several threads.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string User, int Request), LedgerEntry> _entries = [];

    public IEnumerable<LedgerEntry> Entries => _entries.Values.OrderBy(entry => entry.User, StringComparer.Ordinal).ThenBy(entry => entry.Request);

    public LedgerEntry? Find(string user, int request) => _entries.GetValueOrDefault((user, request));

    public void Asked(string user, int request) => _entries.TryAdd((user, request), new LedgerEntry(user, request));

    /// <summary>The store acknowledged that this run answered the request.</summary>
    public void Acknowledged(string user, int request, string runId) =>
        _entries.AddOrUpdate((user, request), new LedgerEntry(user, request) { RunId = runId }, (_, entry) => entry with { RunId = runId, IsRefused = false, MayBeAnother = false });

    /// <summary>The request is answered again. Until that is acknowledged, the stored answer is that of either run.</summary>
    public void Again(string user, int request) =>
        _entries.AddOrUpdate((user, request), new LedgerEntry(user, request), (_, entry) => entry with { MayBeAnother = true });

    /// <summary>The store refused the request, so no message may look like a complete answer to it.</summary>
    public void Refused(string user, int request) =>
        _entries.AddOrUpdate((user, request), new LedgerEntry(user, request) { IsRefused = true }, (_, entry) => entry with { IsRefused = true });
}

/// <summary>A request. If it has no run and was not refused, its outcome is unknown: it is stored whole or not at all.</summary>
internal sealed record LedgerEntry(string User, int Request)
{
    /// <summary>The run that was acknowledged as its answer.</summary>
    public string? RunId { get; init; }

    /// <summary>Whether another run may have answered it since.</summary>
    public bool MayBeAnother { get; init; }

    /// <summary>Whether it was refused, and not acknowledged since.</summary>
    public bool IsRefused { get; init; }
}
