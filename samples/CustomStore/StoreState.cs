namespace CustomStore;

/// <summary>What the journal says, in memory. It has no indexes, but looks through what it has: those are for stores that must be quick.</summary>
internal sealed class StoreState
{
    private readonly Dictionary<string, StoredConversation> _conversations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _current = new(StringComparer.Ordinal); // Ids: that of a deleted one leads nowhere [2.3].

    /// <summary>The highest number that a run was ever given, in any conversation, deleted ones included [2.3].</summary>
    public long LastRun { get; private set; }

    public StoredConversation? Find(string id) => _conversations.GetValueOrDefault(id);
    public StoredConversation? Find(string id, ConversationAccess access) => Find(id) is { } found && access.Reaches(found.Scope) ? found : null;
    public StoredConversation? Current(ConversationScope scope) => _current.TryGetValue(scope.SessionId, out var id) ? Find(id) : null;

    /// <summary>The run that has the key of a turn, if any [6.1].</summary>
    public RunRow? FindRun(ConversationScope scope, string? caller, string? key) => key is null ? null : _conversations.Values
        .Where(stored => stored.Scope.Equals(scope)).SelectMany(stored => stored.Runs.Values)
        .FirstOrDefault(row => Same(row.Run.IdempotencyKey, key) && Same(row.Run.Caller, caller));

    public IReadOnlyList<Conversation> List(ConversationListing query) =>
    [
        .. _conversations.Values.Where(stored => query.Access.Reaches(stored.Scope) && IsListed(stored.Conversation, query))
            .Select(stored => stored.Conversation).OrderByDescending(its => its.LastActivityAt).ThenByDescending(its => its.Id, StringComparer.Ordinal)
            .Take(query.Limit),
    ];

    public void Apply(JournalLine line)
    {
        foreach (var conversation in line.Conversations ?? [])
            (_conversations[conversation.Id] = Find(conversation.Id) ?? new StoredConversation(conversation)).Conversation = conversation;
        foreach (var row in line.Runs ?? [])
            _conversations[row.Run.ConversationId].Runs[row.Run.Number] = row;
        LastRun = Math.Max(LastRun, line.Runs?.Max(row => row.Run.Number) ?? 0);
        foreach (var row in line.Messages ?? [])
            _conversations[row.ConversationId].Messages[row.Position] = row.ToMessage();
        foreach (var (position, tokens) in line.Recounts ?? [])
            _conversations[line.Conversations![0].Id].Recount(position, tokens);
        if (line.Current is { } current)
            _current[_conversations[current].Scope.SessionId] = current;
        if (line.DeletedMessage is { } deleted)
            _conversations[line.Conversations![0].Id].Messages.Remove(deleted);
        if (line.DeletedConversation is { } id)
            _conversations.Remove(id);
    }

    private static bool IsListed(Conversation its, ConversationListing query) =>
        Same(query.Agent ?? its.Agent, its.Agent) && Same(query.UserId ?? its.UserId, its.UserId)
        && Same(query.Channel ?? its.Channel, its.Channel) && Same(query.Thread ?? its.Thread, its.Thread)
        && (query.Status ?? its.Status) == its.Status
        && its.LastActivityAt >= (query.ActiveFrom ?? DateTimeOffset.MinValue) && !(its.LastActivityAt >= query.ActiveBefore)
        && (query.After is not { } place || its.LastActivityAt < place.LastActivityAt
            || (its.LastActivityAt == place.LastActivityAt && string.CompareOrdinal(its.Id, place.ConversationId) < 0));

    public static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.Ordinal);
}

/// <summary>A conversation with its runs and messages.</summary>
internal sealed class StoredConversation(Conversation conversation)
{
    public Conversation Conversation { get; set; } = conversation;
    public ConversationScope Scope { get; } = ConversationScope.Parse(conversation.SessionId);
    public SortedList<long, RunRow> Runs { get; } = [];
    public SortedList<long, ConversationMessage> Messages { get; } = [];
    public bool IsActive => Conversation.IsActive;
    public IReadOnlyList<ConversationRun> List(RunListing query) =>
        [.. Runs.Values.Reverse().Where(row => !(row.Run.Number >= query.Before)).Take(query.Limit).Select(row => row.Shown)];
    public void Recount(long position, TokenAmount tokens) => Messages[position] = Messages[position] with { Tokens = tokens };

    /// <summary>The run that holds the lease, expired or not: never another than the last, for who begins interrupts it.</summary>
    public RunRow? OpenRun => Runs.Values is [.., { IsOpen: true } last] ? last : null;

    /// <summary>What stands in a span, superseded or not.</summary>
    public IEnumerable<ConversationMessage> In(MessageSpan span) => Before(span.End + 1).Take(span.Count).Where(message => message.Position >= span.Position);

    public IReadOnlyList<ConversationMessage> Window(WindowQuery query)
    {
        long? left = query.TokenLimit?.Count;
        int Cost(TokenAmount? tokens) => StoreState.Same(tokens?.Counter, query.TokenLimit?.Counter) ? tokens?.Count ?? 0 : 0;
        var messages = Before(query.Before).TakeWhile(message => message.Position > query.After);
        var meant = messages.Where(message => message is { Kind: not MessageKind.Error, IsSuperseded: false });
        return [.. meant.TakeWhile(message => !((left -= Cost(message.Tokens)) < 0)).Take(query.Limit).Reverse()];
    }

    public IReadOnlyList<ConversationMessage> Range(MessageRange query)
    {
        var beyond = query.NewestFirst ? Before(query.After ?? long.MaxValue) : Messages.Values.SkipWhile(message => message.Position <= query.After);
        return [.. beyond.Where(message => !(query.CurrentOnly && message.IsSuperseded)).Take(query.Limit)];
    }

    // Positions begin at 1 and only deletions leave holes: what comes before a position is at a lesser index, so nothing after it is read [7.3].
    private IEnumerable<ConversationMessage> Before(long position)
    {
        var count = (int)Math.Clamp(position, 0, Messages.Count);
        return Enumerable.Range(1, count).Select(back => Messages.Values[count - back]).Where(message => message.Position < position);
    }
}
