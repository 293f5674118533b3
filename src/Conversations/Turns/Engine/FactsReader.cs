using Conversations.Storage;

namespace Conversations;

/// <summary>Reads what a decision depends on beyond the state that one load returns. Most turns need none of it.</summary>
internal sealed class FactsReader(IConversationStore store)
{
    private const int Chunk = 256;

    private readonly IConversationStreamStore? _streams = store.GetFeature<IConversationStreamStore>();

    /// <summary>Reads what the beginning of a turn depends on.</summary>
    public ValueTask<BeginFacts> ReadAsync(BeginTurnCommand command, ConversationState state, CancellationToken cancellationToken)
    {
        var isPlain = state.KeyedRun is null && state.Conversation?.OpenRun is null && command.Named is null && !command.HasResults && !TurnRules.ReadsLater(command, state.Conversation);
        return isPlain ? ValueTask.FromResult(BeginFacts.None) : ReadFactsAsync(command, state, cancellationToken);
    }

    /// <summary>Reads the streamed output of an open run whose lease has expired, as messages.</summary>
    public async ValueTask<IReadOnlyList<StoredMessage>> ReadDraftAsync(StoredConversation? conversation, DateTimeOffset now, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (_streams is null || conversation?.OpenRun is not { } open || TurnLease.IsHeld(open, now))
            return [];

        var range = new SegmentRange { ConversationId = conversation.Conversation.Id, Access = access, RunNumber = open.Run.Number, From = -1, Limit = int.MaxValue };
        var segments = await _streams.ReadSegmentsAsync(range, cancellationToken).ConfigureAwait(false);
        return segments.Count == 0 ? [] : StreamPiece.Join(StreamPiece.Read(segments, range.ConversationId, range.RunNumber).Select(piece => piece.Fragment));
    }

    /// <summary>Reads what superseding and restoring depend on; null if a commit does neither.</summary>
    public async ValueTask<BranchFacts?> ReadBranchesAsync(CommitTurnCommand command, StoredConversation conversation, CancellationToken cancellationToken)
    {
        var supersedeFrom = TurnRules.SupersedesFrom(command, conversation.OpenRun!.Run);
        if (supersedeFrom is null && command is { Restore: null, SupersedeOnly: null })
            return null;

        var id = conversation.Conversation.Id;
        var restored = command.Restore is { } number ? await store.FindRunAsync(id, number, command.Access, cancellationToken).ConfigureAwait(false) : null;
        var restoreFrom = restored is null ? long.MaxValue : restored.SupersededFrom ?? restored.Run.InputPosition;
        var marks = new Dictionary<long, MessageMark>();
        await ReadMarksAsync(marks, id, Math.Min(supersedeFrom ?? long.MaxValue, restoreFrom), command.Access, cancellationToken).ConfigureAwait(false);
        if (command.SupersedeOnly is { } only)
            await ReadSpanAsync(marks, id, new MessageSpan(only, 1), command.Access, cancellationToken).ConfigureAwait(false);

        var numbers = marks.Values.Select(mark => mark.RunNumber).OfType<long>().ToHashSet();
        var runs = await ReadRunsAsync(id, numbers, command.Access, cancellationToken).ConfigureAwait(false);
        foreach (var run in runs)
        {
            await ReadSpanAsync(marks, id, run.Run.Input(), command.Access, cancellationToken).ConfigureAwait(false);
            await ReadSpanAsync(marks, id, new MessageSpan(run.Run.OutputPosition, run.Run.OutputCount), command.Access, cancellationToken).ConfigureAwait(false);
        }

        return new BranchFacts(marks.Values, runs, restoreFrom);
    }

    /// <summary>Reads the end of a history, from the beginning of its last exchange on.</summary>
    public static async Task<List<StoredMessage>> ReadLastExchangeAsync(
        IConversationStore store, ConversationAccess access, string conversationId, long before, CancellationToken cancellationToken)
    {
        var tail = new List<StoredMessage>();
        var range = new MessageRange { ConversationId = conversationId, Access = access, Before = before, NewestFirst = true, CurrentOnly = true, SkipErrors = true, Limit = Chunk / 2 };
        while (true)
        {
            var read = await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);

            // A message that was damaged since is skipped, as errors are.
            tail.InsertRange(0, read.Reverse().Where(static message => message.Kind != MessageKind.Error));
            if (read.Count < range.Limit || Exchange.Start(tail, tail.Count - 1) > 0)
                return tail;

            range = range with { Before = read[^1].Position };
        }
    }

    /// <summary>Reads what follows the last message that the caller of a request knows [4.16]; null if nothing can.</summary>
    public async ValueTask<LaterMessages?> ReadLaterAsync(BeginTurnCommand command, StoredConversation target, CancellationToken cancellationToken) =>
        TurnRules.ReadsLater(command, target) ? await ReadLaterAsync(command.After!, command.Caller, command.Reach, cancellationToken).ConfigureAwait(false) : null;

    private async ValueTask<BeginFacts> ReadFactsAsync(BeginTurnCommand command, ConversationState state, CancellationToken cancellationToken)
    {
        var (target, access) = (TurnRules.Target(command, state), command.Reach);
        var draft = await ReadDraftAsync(target, state.Now, access, cancellationToken).ConfigureAwait(false);
        var facts = new BeginFacts
        {
            Draft = draft,
            KeyedDraft = string.Equals(state.KeyedConversation?.Conversation.Id, target?.Conversation.Id, StringComparison.Ordinal)
                ? draft
                : await ReadDraftAsync(state.KeyedConversation, state.Now, access, cancellationToken).ConfigureAwait(false),
        };
        if (state is { KeyedRun: { } keyed, KeyedConversation.Conversation.IsActive: true } && TurnRules.Answer(command, state, BeginFacts.None) is null)
        {
            facts = facts with
            {
                AnsweredSince = await FindAnswerSinceAsync(keyed.Run, access, cancellationToken).ConfigureAwait(false),
                IsKeyedInputSuperseded = await HasSupersededAsync(keyed.Run, access, cancellationToken).ConfigureAwait(false),
                IsKeyedReplacedCurrent = keyed.Run.ReplacedPosition is not { } place || await AreCurrentAsync(state.KeyedConversation!, new MessageSpan(place, 1), restores: null, access, cancellationToken).ConfigureAwait(false),
            };
        }

        if (target is null)
            return facts;
        if (command.Named is { } named)
            facts = facts with { AreNamedCurrent = await AreCurrentAsync(target, named, command.Restores, access, cancellationToken).ConfigureAwait(false) };
        if (command.HasResults)
            facts = facts with { LastExchange = await ReadLastExchangeAsync(store, access, target.Conversation.Id, target.Conversation.LastPosition + 1, cancellationToken).ConfigureAwait(false) };
        return facts with { Later = await ReadLaterAsync(command, target, cancellationToken).ConfigureAwait(false) };
    }

    /// <summary>Reads what follows the last message that a caller knows, up to the first that it should know [4.16].</summary>
    private async ValueTask<LaterMessages> ReadLaterAsync(KnownMessage known, string caller, ConversationAccess access, CancellationToken cancellationToken)
    {
        var (isKnownSuperseded, isUnfinished, question) = (false, false, (StoredMessage?)null);
        var unanswered = new HashSet<long>();
        var range = new MessageRange { ConversationId = known.ConversationId, Access = access, After = known.Position - 1, Limit = Chunk / 8 };
        await foreach (var message in store.ReadAllAsync(range, cancellationToken).ConfigureAwait(false))
        {
            if (message.Position == known.Position)
                (isKnownSuperseded, isUnfinished) = (message.IsSuperseded, message.IsSuperseded && message.SupersededBy == message.RunNumber);
            if (message.Position == known.Position || message.IsSuperseded)
                continue;

            if (message.CanBeAnswered())
                question ??= message;
            if (message.ShouldBeKnown())
                return new LaterMessages(isKnownSuperseded, isUnfinished, question, IsAnswered: true);

            unanswered.Add(message.RunNumber!.Value);
        }

        var runs = await ReadRunsAsync(known.ConversationId, unanswered, access, cancellationToken).ConfigureAwait(false);
        return new LaterMessages(isKnownSuperseded, isUnfinished, question, runs.Exists(run => run.Run.ShouldBeKnown(caller)));
    }

    /// <summary>Finds the last run after another, on the same input, that answered it and added a message [3.5]. Only runs on existing input have the input of another.</summary>
    private async ValueTask<ConversationRun?> FindAnswerSinceAsync(ConversationRun run, ConversationAccess access, CancellationToken cancellationToken)
    {
        var range = new RunRange { ConversationId = run.ConversationId, Access = access, After = run.Number, OnExistingInput = run.InputPosition, Limit = Chunk };
        while (await store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } later)
        {
            if (later.FirstOrDefault(other => other.Run.AnsweredInsteadOf(run)) is { } answer)
                return answer.AsShown();
            if (later.Count < range.Limit)
                break;

            range = range with { Before = later[^1].Run.Number };
        }

        return null;
    }

    private async ValueTask<bool> HasSupersededAsync(ConversationRun run, ConversationAccess access, CancellationToken cancellationToken)
    {
        var input = run.Input();
        var range = new MessageRange { ConversationId = run.ConversationId, Access = access, After = input.Position - 1, Before = input.End + 1, Limit = input.Count };
        return (await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false)).Any(message => message.IsSupersededInput(run.ReplacedPosition is not null));
    }

    private async ValueTask<bool> AreCurrentAsync(StoredConversation conversation, MessageSpan span, long? restores, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (span.Position < 1 || span.End > conversation.Conversation.LastPosition)
            return false;

        var read = await store.ReadSpanAsync(conversation.Conversation.Id, span, access, cancellationToken).ConfigureAwait(false);
        return read.Count > 0 && read.All(message => !message.IsSuperseded || message.SupersededBy == restores);
    }

    private async ValueTask ReadMarksAsync(Dictionary<long, MessageMark> marks, string conversationId, long from, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (from == long.MaxValue)
            return;

        var range = new MessageRange { ConversationId = conversationId, Access = access, After = Math.Max(from, 1) - 1, Limit = Chunk };
        await foreach (var message in store.ReadAllAsync(range, cancellationToken).ConfigureAwait(false))
            marks[message.Position] = MessageMark.Of(message);
    }

    /// <summary>Reads closed runs by their numbers, in pages.</summary>
    private async ValueTask<List<StoredRun>> ReadRunsAsync(string conversationId, HashSet<long> numbers, ConversationAccess access, CancellationToken cancellationToken)
    {
        var runs = new List<StoredRun>(numbers.Count);
        if (numbers.Count == 0)
            return runs;

        var range = new RunRange { ConversationId = conversationId, Access = access, After = numbers.Min() - 1, Before = numbers.Max() + 1, Limit = Chunk };
        while (await store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
        {
            runs.AddRange(read.Where(run => run.Run.Status != RunStatus.Running && numbers.Contains(run.Run.Number)));
            range = range with { Before = read[^1].Run.Number };
        }

        return runs;
    }

    private async ValueTask ReadSpanAsync(Dictionary<long, MessageMark> marks, string conversationId, MessageSpan span, ConversationAccess access, CancellationToken cancellationToken)
    {
        if (span.Count < 1 || (marks.ContainsKey(span.Position) && marks.ContainsKey(span.End)))
            return;

        var range = new MessageRange { ConversationId = conversationId, Access = access, After = span.Position - 1, Before = span.End + 1, Limit = span.Count };
        foreach (var message in await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false))
            marks.TryAdd(message.Position, MessageMark.Of(message));
    }
}
