using Conversations.Storage;

namespace Conversations;

/// <summary>The decisions about turns and conversations, as pure functions: each takes a loaded state and a request, and returns an outcome and, if something changes, a write.</summary>
/// <remarks>The numbers in brackets refer to <c>docs/turn-rules.md</c>. Nothing here does I/O, reads a clock or keeps state.</remarks>
internal static partial class TurnRules
{
    /// <summary>Decides whether and how a turn begins [1.1, 2.1, 3.1].</summary>
    public static Decision<BeginTurnOutcome> Begin(BeginTurnCommand command, ConversationState state, BeginFacts facts)
    {
        var target = Target(command, state);
        var refusal = command.Scope is null ? ById(target?.Conversation, command.Agent) : null;
        if (target is null && refusal is not null)
            return Refuse(refusal);

        if (state.KeyedRun is { } keyed)
        {
            if (Answer(command, state, facts) is { } answer)
                return Refuse(answer);

            // A retry runs in the conversation of the first attempt, on the existing input [3.5]. If that conversation ended or that input was superseded, the turn begins as if the key were new [3.6].
            if (state.KeyedConversation!.Conversation.IsActive && !facts.IsKeyedInputSuperseded)
                return Continue(command, state, state.KeyedConversation, keyed.Run.Input(), facts.KeyedDraft, facts);
        }

        if (refusal is not null && !command.OnlyChanges)
            return Refuse(refusal);
        return command.Scope is not null && StartReason(target?.Conversation, command.StartNew) is { } reason
            ? Start(command, state, reason, facts)
            : Continue(command, state, target!, existing: null, facts.Draft, facts);
    }

    /// <summary>Why a turn by scope begins a conversation [2.1, 2.2]; null if it continues the current one.</summary>
    /// <param name="current">The current conversation of the scope; null if there is none.</param>
    /// <param name="startNew">Whether a new conversation was requested.</param>
    public static ConversationStartReason? StartReason(Conversation? current, bool startNew) =>
        startNew ? ConversationStartReason.Requested
        : current is null ? ConversationStartReason.First
        : current.IsActive ? null
        : ConversationStartReason.Ended;

    /// <summary>Why a turn by id cannot continue a conversation [2.6]; null if it can.</summary>
    /// <param name="found">The conversation; null if it does not exist or is out of reach.</param>
    /// <param name="agent">The agent that the request names.</param>
    public static BeginTurnOutcome? ById(Conversation? found, string agent) =>
        found is null || !string.Equals(found.Agent, agent, StringComparison.Ordinal) ? new TurnNotFound()
        : found.IsActive ? null
        : new TurnConversationEnded(found.Id);

    /// <summary>Returns the outcome of a request whose key was used before [3.2, 3.3, 3.4, 3.5]; null if the request runs again.</summary>
    public static BeginTurnOutcome? Answer(BeginTurnCommand command, ConversationState state, BeginFacts facts)
    {
        var keyed = state.KeyedRun!;
        if (!string.Equals(keyed.Fingerprint, command.Fingerprint, StringComparison.Ordinal))
            return new TurnMismatch();
        if (keyed.Run.IsAnswered())
            return new TurnCompletedBefore(keyed.AsShown());

        var conversation = state.KeyedConversation!;
        if (IsOpen(conversation, keyed.Run.Number) && TurnLease.Left(conversation.OpenRun!, state.Now) is var left && left > TimeSpan.Zero)
            return new TurnRunning(keyed.Run, left);
        return conversation.Conversation.IsActive && facts.AnsweredSince is { } since ? new TurnCompletedBefore(since) : null;
    }

    /// <summary>The conversation that a request is for; null if it does not exist or belongs to another agent.</summary>
    public static StoredConversation? Target(BeginTurnCommand command, ConversationState state) =>
        command.Scope is null && ById(state.Conversation?.Conversation, command.Agent) is TurnNotFound ? null : state.Conversation;

    private static Decision<BeginTurnOutcome> Continue(
        BeginTurnCommand command, ConversationState state, StoredConversation target, MessageSpan? existing, IReadOnlyList<StoredMessage> draft, BeginFacts facts)
    {
        if (target.OpenRun is { } open && TurnLease.Left(open, state.Now) is var left && left > TimeSpan.Zero)
            return Refuse(new TurnLocked(target.Conversation.Id, open.Run.Number, left));
        if (existing is null && command.HasResults && !AnswersOpenCalls(command, target, draft, facts))
            return Refuse(new TurnCallsNotOpen());
        if (!facts.AreNamedCurrent)
            return Refuse(new TurnNotFound());
        if (existing is not null)
        {
            var keyed = state.KeyedRun!.Run.ReplacedPosition;
            return facts.IsKeyedReplacedCurrent
                ? Open(command, state, target, existing, draft, keyed, startReason: null, facts)
                : Refuse(command.ReplacedPosition is null ? new TurnOutdated() : new TurnNotFound());
        }

        return IsOutdated(command, facts.Later)
            ? Refuse(new TurnOutdated { CanBeRestored = facts.Later is { IsUnfinished: true, IsAnswered: false, Question: null } })
            : Open(command, state, target, command.InputAgain, draft, Replaced(command, facts.Later), startReason: null, facts);
    }

    /// <summary>Whether what follows the last message that the caller knows must be read [4.16]. If nothing was appended, the last turn was completed, and nothing was superseded ever, nothing follows it and it is current.</summary>
    public static bool ReadsLater(BeginTurnCommand command, StoredConversation? target) =>
        command.After is { } after && !command.HasResults && target is not null
        && string.Equals(target.Conversation.Id, after.ConversationId, StringComparison.Ordinal)
        && (target.Conversation.LastPosition > after.Position || target.HistoryRevision > 0 || target.Conversation.LastRunStatus?.IsAnswer() == false);

    /// <summary>Whether a request is refused because of what follows the last message that its caller knows [4.16].</summary>
    public static bool IsOutdated(BeginTurnCommand command, LaterMessages? later) =>
        later is not null && (later.IsKnownSuperseded || (later.IsAnswered && !(command.ReplacesLater && later.Question is not null)));

    /// <summary>The position of the message that the input replaces: the one that the request names [4.12], or the question after the last message that the caller knows [4.16]; null for none.</summary>
    public static long? Replaced(BeginTurnCommand command, LaterMessages? later) => command.ReplacedPosition ?? later?.Question?.Position;

    /// <summary>Whether every tool result of the input answers an open call of the target [9.3].</summary>
    private static bool AnswersOpenCalls(BeginTurnCommand command, StoredConversation target, IReadOnlyList<StoredMessage> draft, BeginFacts facts)
    {
        // What a takeover appends precedes the results.
        var appended = target.OpenRun?.WhenInterrupted() == InterruptedOutput.Append ? draft.Where(static message => message.Kind != MessageKind.Error) : [];
        return OpenCalls.AllAnswer(command.Input, [.. facts.LastExchange, .. appended]);
    }

    /// <summary>Begins in a new conversation, which becomes the current one [2.1].</summary>
    private static Decision<BeginTurnOutcome> Start(BeginTurnCommand command, ConversationState state, ConversationStartReason reason, BeginFacts facts)
    {
        if (command.HasResults)
            return Refuse(new TurnCallsNotOpen());

        var created = New(command.Scope!, command.NewConversationId, title: null, command.Metadata, state.Now, state.Now);
        return Open(command, state, created, existing: null, draft: [], replaced: null, reason, facts);
    }

    private static Decision<BeginTurnOutcome> Open(
        BeginTurnCommand command, ConversationState state, StoredConversation target, MessageSpan? existing, IReadOnlyList<StoredMessage> draft,
        long? replaced, ConversationStartReason? startReason, BeginFacts facts)
    {
        var (conversation, interrupted, drafted) = Interrupt(target, draft, state.Now);
        var data = conversation.Conversation;
        var number = conversation.LastRun + 1;
        // Until it has replaced the message, input that replaces one is superseded by its own run [4.12].
        var appended = existing is null ? Place(data, InputIn(data, command), number, replaced is null ? null : number, state.Now) : [];
        var run = new ConversationRun
        {
            ConversationId = data.Id,
            Number = number,
            Status = RunStatus.Running,
            Caller = command.Caller.Length == 0 ? null : command.Caller,
            IdempotencyKey = command.IdempotencyKey,
            IsOnExistingInput = existing is not null,
            InputPosition = existing?.Position ?? data.LastPosition + 1,
            InputCount = existing?.Count ?? appended.Length,
            ReplacedPosition = replaced,
            StartedAt = state.Now,
        };
        conversation = conversation with
        {
            Conversation = Append(data, appended, data.Title ?? ConversationTitle.From(command.TitleFrom), RunStatus.Running, activity: null),
            LastRun = number,
            OpenRun = OpenRunOf(command, run),
        };

        var (released, other) = ReleaseKey(state, target, facts, interrupted);
        var write = new ConversationWrite { Conversation = conversation, Runs = released, Messages = drafted.Length == 0 ? appended : [.. drafted, .. appended] };
        IReadOnlyList<ConversationWrite> writes = other is null ? new[] { write } : new[] { write, other };
        if (startReason == ConversationStartReason.Ended)
            writes = WithUnchanged(writes, state.Conversation!);
        var batch = new ConversationBatch
        {
            Access = command.Reach,
            Scope = startReason is null ? null : command.Scope,
            Conversations = writes,
            PointerChange = startReason is null ? null : new PointerChange(state.Conversation?.Conversation.Id, conversation.Conversation.Id),
            Durability = WriteDurability.Process,
        };
        var begun = new TurnBegun
        {
            Lease = new TurnLease(conversation.Conversation.Id, number, command.Token, command.LeaseDuration),
            InputPosition = run.InputPosition,
            Input = appended,
            LastPosition = conversation.Conversation.LastPosition,
            IsOnExistingInput = run.IsOnExistingInput,
            StartReason = startReason,
            ReplacedPosition = replaced,
            Conversation = conversation with { Version = conversation.Version + 1 },
            State = state,
            Window = command.Window is not null && replaced is null && ReferenceEquals(target, state.Conversation) && target.OpenRun is null ? state.Window : null,
        };
        return new Decision<BeginTurnOutcome>(begun, batch);
    }

    /// <summary>The input as it is appended: in a conversation that several callers share, it names who says it [11.1].</summary>
    private static IReadOnlyList<ConversationMessage> InputIn(Conversation target, BeginTurnCommand command) =>
        command.Speaker is { } speaker && Speaker.SpeaksIn(target.Channel) ? speaker.Sign(command.Input) : command.Input;

    private static OpenRun OpenRunOf(BeginTurnCommand command, ConversationRun run) => new()
    {
        Run = run,
        Fingerprint = command.Fingerprint,
        Token = command.Token,
        LeaseDuration = command.LeaseDuration,
        LeaseExpiresAt = TurnLease.Expiry(run.StartedAt, command.LeaseDuration),
        OnInterruption = command.OnInterruption,
        SegmentRetention = command.SegmentRetention,
    };

    /// <summary>Takes the key from the run that had it. If that run is still open, it is interrupted, so that one request is not answered twice [3.5, 3.6].</summary>
    /// <param name="state">The run that has the key.</param>
    /// <param name="target">The conversation in which the turn begins.</param>
    /// <param name="facts">What the keyed run streamed.</param>
    /// <param name="interrupted">The run of the target that was interrupted; null if none was.</param>
    /// <returns>The runs of the target to write, and the write of the keyed conversation, if that is another one.</returns>
    private static (IReadOnlyList<StoredRun> Runs, ConversationWrite? Other) ReleaseKey(ConversationState state, StoredConversation target, BeginFacts facts, StoredRun? interrupted)
    {
        IReadOnlyList<StoredRun> runs = interrupted is null ? [] : [interrupted];
        if (state.KeyedRun is not { } keyed)
            return (runs, null);

        var conversation = state.KeyedConversation!;
        if (string.Equals(conversation.Conversation.Id, target.Conversation.Id, StringComparison.Ordinal))
        {
            // The run may be the one that the takeover has just closed.
            return interrupted?.Run.Number == keyed.Run.Number ? ([WithoutKey(interrupted)], null) : ([.. runs, WithoutKey(keyed)], null);
        }

        if (!IsOpen(conversation, keyed.Run.Number))
            return (runs, new ConversationWrite { Conversation = conversation, Runs = [WithoutKey(keyed)] });

        var (closed, run, messages) = Interrupt(conversation, facts.KeyedDraft, state.Now);
        return (runs, new ConversationWrite { Conversation = closed, Runs = [WithoutKey(run!)], Messages = messages });
    }

    /// <summary>Writes a conversation unchanged, so that the batch fails if the conversation has changed since it was read.</summary>
    private static IReadOnlyList<ConversationWrite> WithUnchanged(IReadOnlyList<ConversationWrite> writes, StoredConversation conversation) =>
        writes.Any(write => string.Equals(write.Conversation.Conversation.Id, conversation.Conversation.Id, StringComparison.Ordinal))
            ? writes
            : [.. writes, new ConversationWrite { Conversation = conversation }];

    private static bool IsOpen(StoredConversation conversation, long number) => conversation.OpenRun?.Run.Number == number;

    private static StoredRun WithoutKey(StoredRun run) => run with { Run = run.Run with { IdempotencyKey = null }, Fingerprint = null };

    private static Decision<BeginTurnOutcome> Refuse(BeginTurnOutcome outcome) => Decision.Nothing(outcome);
}
