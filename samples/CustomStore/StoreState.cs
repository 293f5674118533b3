namespace CustomStore;

/// <summary>What the journal contains. Immutable: a write makes the next state. It has no indexes, which a faster store has for lists and keys.</summary>
internal sealed record StoreState(ImmutableDictionary<string, History> Histories, ImmutableDictionary<string, string> Pointers)
{
    public History? Find(string id, ConversationAccess? access) => Histories.GetValueOrDefault(id) is { } found && access?.Reaches(found.Scope) != false ? found : null;
    public ConversationState Load(ConversationLookup lookup, DateTimeOffset now)
    {
        var history = lookup.ConversationId is { } id ? Find(id, lookup.Access) : Histories.GetValueOrDefault(Pointers.GetValueOrDefault(lookup.Scope!.SessionId, ""));
        var run = lookup.Key is null ? null : KeyedRuns((lookup.Scope ?? history?.Scope)?.SessionId).FirstOrDefault(run => RequestKey.Of(run.Run) == lookup.Key);
        var summary = history?.Summaries.FindLast(summary => summary.Through < lookup.SummaryBefore);
        var range = new MessageRange { ConversationId = "", Access = lookup.Access, After = summary?.Through ?? 0, Limit = lookup.Window?.Messages ?? 0 };
        var window = history?.Read(range with { NewestFirst = true, CurrentOnly = true, SkipErrors = true, TokenLimit = lookup.Window?.Tokens }) ?? [];
        var state = new ConversationState { Now = now, Conversation = history?.Stored, Summary = summary, Window = [.. window.Reverse()] };
        return state with { KeyedRun = run, KeyedConversation = run is null ? null : Histories[run.Run.ConversationId].Stored };
    }
    public IReadOnlyList<Conversation> List(ConversationListing listing) =>
        [.. Histories.Values.Where(history => listing.Access.Reaches(history.Scope)).Select(history => history.Stored.Conversation).Where(its => IsListed(its, listing.Query, listing.After) && listing.MatchesMetadata(its.Metadata))
            .OrderByDescending(its => its.LastActivityAt).ThenByDescending(its => its.Id, StringComparer.Ordinal).Take(listing.Limit)];
    /// <summary>Makes the next state; null if a condition does not hold [2.1]. A line of the journal is applied without access.</summary>
    public StoreState? TryApply(JournalLine line, ConversationAccess? access = null)
    {
        if (line.Deleted is { } deleted)
            return Find(deleted, access) is null ? null : new(Histories.Remove(deleted), Pointers.RemoveRange(Pointers.Where(its => Same(its.Value, deleted)).Select(its => its.Key)));
        var next = this;
        foreach (var write in line.Writes!)
        {
            var (id, version) = (write.Conversation.Conversation.Id, write.Conversation.Version);
            var before = version == 0 && !Histories.ContainsKey(id) ? new History(write.Conversation) : Find(id, access);
            if (before?.Stored.Version != version || (write.ExpectedToken ?? before.Stored.OpenRun?.Token) != before.Stored.OpenRun?.Token || !Same(before.Scope.SessionId, line.SessionId) || before.TryApply(write) is not { } after)
                return null;
            next = next with { Histories = next.Histories.SetItem(id, after) };
        }
        if (line.Pointer is { } pointer && (!Same(Pointers.GetValueOrDefault(line.SessionId!), pointer.Expected) || !next.Histories.ContainsKey(pointer.Current)))
            return null;
        var runs = line.Writes.SelectMany(write => write.Runs.Select(run => run.Run).Append(write.Conversation.OpenRun?.Run));
        if (runs.Any(run => run?.IdempotencyKey is not null) && next.KeyedRuns(line.SessionId).GroupBy(run => RequestKey.Of(run.Run)).Any(group => group.Count() > 1))
            return null; // A key belongs to one run [6.1].
        return line.Pointer is null ? next : next with { Pointers = Pointers.SetItem(line.SessionId!, line.Pointer.Current) };
    }

    private IEnumerable<StoredRun> KeyedRuns(string? sessionId) => Histories.Values.Where(history => Same(history.Scope.SessionId, sessionId))
        .SelectMany(history => history.Runs.Values).Where(run => run.Run.IdempotencyKey is not null);
    public static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.Ordinal);
    private static bool IsListed(Conversation its, ConversationQuery query, ListPosition? after) =>
        Same(query.Agent ?? its.Agent, its.Agent) && Same(query.UserId ?? its.UserId, its.UserId)
        && Same(query.Channel ?? its.Channel, its.Channel) && Same(query.Thread ?? its.Thread, its.Thread)
        && (query.Status ?? its.Status) == its.Status && (query.LastRunStatus ?? its.LastRunStatus) == its.LastRunStatus && !(its.LastActivityAt < query.ActiveFrom) && !(its.LastActivityAt >= query.ActiveBefore)
        && (after is not { LastActivityAt: var time, ConversationId: var id } || its.LastActivityAt < time
            || (its.LastActivityAt == time && string.CompareOrdinal(its.Id, id) < 0));
}
