namespace Conversations.Soak.Schedules;

/// <summary>The expected behavior, in the simplest form: the conversations, their content, and the outcome of a request.</summary>
internal sealed class Model
{
    private readonly Dictionary<(string, string?), ModelScope> _scopes = [];

    public List<ModelConversation> Conversations { get; } = [];

    public ModelScope Scope(string agent, string? user)
    {
        if (!_scopes.TryGetValue((agent, user), out var scope))
            _scopes[(agent, user)] = scope = new ModelScope(agent, user);
        return scope;
    }

    public IEnumerable<ModelScope> Scopes => _scopes.Values;

    /// <summary>The outcome of a request (rules 1 to 4). Nothing changes.</summary>
    public static ModelBegin Plan(ModelRequest request, DateTimeOffset now)
    {
        if (request.Named is { } named && (named.IsDeleted || !named.Scope.IsReachedBy(request.Caller)))
            return new ModelBegin(ConversationErrorCodes.ConversationNotFound);

        if (request.Key is not null && request.Scope.Keys.TryGetValue((request.Caller, request.Key), out var known))
        {
            if (known.Fingerprint != request.Fingerprint)
                return new ModelBegin(ConversationErrorCodes.IdempotencyMismatch);
            if (known.Run.IsCommitted)
                return new ModelBegin(null) { Conversation = known.Conversation, Replayed = known.Run };
            if (known.Conversation.Lease is { } lease && lease.Run == known.Run && lease.IsHeldAt(now))
                return new ModelBegin(ConversationErrorCodes.TurnInProgress);
            if (known.Conversation.IsActive)
            {
                var saved = (known.Run.InputPosition, known.Run.InputCount);
                if (known.Conversation.Runs.FindLast(run => run.Number > known.Run.Number && run.InputPosition == known.Run.InputPosition && run is { IsCommitted: true, OutputCount: > 0 }) is { } later)
                    return new ModelBegin(null) { Conversation = known.Conversation, Replayed = later };
                if (!IsSuperseded(known.Conversation, saved))
                    return Continue(known.Conversation, saved, now);
            }
        }

        return request.Named is { } target
            ? target.IsActive || request.IsChange ? Continue(target, request.Again, now) : new ModelBegin(ConversationErrorCodes.ConversationEnded)
            : !request.StartNew && request.Scope.Active is { } current ? Continue(current, null, now) : new ModelBegin((string?)null);
    }

    /// <summary>Begins a turn as planned.</summary>
    /// <param name="request">The request.</param>
    /// <param name="begin">Its expected outcome.</param>
    /// <param name="conversationId">The conversation, by the store.</param>
    /// <param name="number">The run, by the store.</param>
    /// <param name="now">The time.</param>
    public (ModelConversation Conversation, ModelRun Run) Begin(ModelRequest request, ModelBegin begin, string conversationId, long number, DateTimeOffset now)
    {
        var conversation = begin.Conversation ?? request.Scope.Current;
        if (begin.Conversation is null)
        {
            conversation = new ModelConversation(conversationId, request.Scope, now);
            request.Scope.Current = conversation;
            Conversations.Add(conversation);
        }

        conversation!.Interrupt(now);
        var saved = begin.Saved ?? (conversation.Messages.Count + 1, request.Texts.Count);
        var run = new ModelRun(number, request.Caller, saved.Position, saved.Count, now) { Key = request.Key, IsOnExistingInput = begin.Saved is not null, Replaced = request.Replaced };
        if (begin.Saved is null)
            conversation.Append([.. request.Texts.Select(text => new ModelMessage(MessageRole.User, text, now) { Author = conversation.Scope.User is null ? request.Caller : null, SupersededBy = request.Replaced is null ? null : run })], run);
        if (request.Key is not null)
        {
            if (request.Scope.Keys.TryGetValue((request.Caller, request.Key), out var known))
            {
                known.Run.Key = null;
                if (known.Conversation.Lease?.Run == known.Run)
                    known.Conversation.Interrupt(now);
            }

            request.Scope.Keys[(request.Caller, request.Key)] = (conversation, run, request.Fingerprint);
        }

        if (request.Again is null)
            conversation.Title ??= request.Texts[0];
        conversation.Runs.Add(run);
        conversation.Lease = new ModelLease(run, now + ModelLease.Duration);
        return (conversation, run);
    }

    /// <summary>Ends a turn that still holds its lease.</summary>
    public static void Commit(ModelConversation conversation, ModelRun run, RunStatus outcome, IReadOnlyList<ModelMessage> added, ModelChange change, DateTimeOffset now)
    {
        if (change.SupersedeFrom is { } from)
            conversation.Supersede(from, run);
        if (change.Only is { } only)
            conversation.SupersedeOne(only, run);
        if (change.Restore is { } superseder)
            conversation.Restore(superseder);
        if (run is { Replaced: not null } && outcome is RunStatus.Completed or RunStatus.RequiresAction)
            conversation.Restore(run, run.InputPosition, run.InputEnd);
        conversation.TouchAtEnd(run, added.Count, now);
        run.OutputPosition = conversation.Append(added, run);
        run.OutputCount = added.Count;
        if (change.AreSuperseded)
            added.ToList().ForEach(message => message.SupersededBy = run);
        run.End(outcome, now);
        conversation.Lease = null;
    }

    public ModelConversation Fork(ModelConversation source, long position, string id, string forkedFrom, DateTimeOffset now)
    {
        var fork = new ModelConversation(id, source.Scope, now) { ForkedFrom = forkedFrom, Title = source.Title, Metadata = source.Metadata };
        fork.Append([.. source.Messages.Take((int)position).OfType<ModelMessage>().Where(message => message.SupersededBy is null).Select(message => message.Copy())], null);
        if (source.Scope.User is not null || source.Scope.Active is null)
            source.Scope.Current = fork;
        Conversations.Add(fork);
        return fork;
    }

    public void Delete(ModelConversation conversation)
    {
        conversation.IsDeleted = true;
        conversation.Lease = null;
        Conversations.Remove(conversation);
        if (conversation.Scope.Current == conversation)
            conversation.Scope.Current = null;
        foreach (var key in conversation.Scope.Keys.Where(key => key.Value.Conversation == conversation).Select(key => key.Key).ToList())
            conversation.Scope.Keys.Remove(key);
    }

    private static ModelBegin Continue(ModelConversation conversation, (long, int)? saved, DateTimeOffset now) =>
        conversation.IsLockedAt(now)
            ? new ModelBegin(ConversationErrorCodes.ConversationLocked)
            : new ModelBegin(null) { Conversation = conversation, Saved = saved };

    private static bool IsSuperseded(ModelConversation conversation, (long Position, int Count) span) =>
        Enumerable.Range(0, span.Count).Any(i => conversation.At(span.Position + i)?.SupersededBy is not null);
}

/// <summary>What a commit does in addition to appending.</summary>
internal sealed record ModelChange(long? SupersedeFrom = null, ModelRun? Restore = null, bool AreSuperseded = false, long? Only = null);
