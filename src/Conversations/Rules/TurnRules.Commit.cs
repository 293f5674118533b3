using Conversations.Storage;

namespace Conversations;

internal static partial class TurnRules
{
    // No clock that is merely late is late by more. Between clocks that are, the later time counts.
    private static readonly TimeSpan LargestClockError = TimeSpan.FromDays(1);

    /// <summary>Decides whether a turn can end, and what that writes [1.4, 1.5, 4.1].</summary>
    /// <param name="command">The end of the turn.</param>
    /// <param name="conversation">The conversation as it is; null if it was deleted.</param>
    /// <param name="now">The time of the store's clock.</param>
    /// <param name="branches">What superseding and restoring depend on; null if the command does neither.</param>
    /// <returns>False if the lease is no longer the conversation's.</returns>
    public static Decision<bool> Commit(CommitTurnCommand command, StoredConversation? conversation, DateTimeOffset now, BranchFacts? branches)
    {
        if (conversation is null || !command.Lease.IsOf(conversation))
            return Decision.Nothing(false);

        var number = command.Lease.RunNumber;
        var (open, end) = (conversation.OpenRun!, conversation.Conversation.LastPosition);
        var supersedeFrom = SupersedesFrom(command, open.Run);
        var areSuperseded = command.AreSuperseded || (open.Run.ReplacedPosition is not null && !command.Status.IsAnswer());
        var messages = Place(conversation.Conversation, command.Messages, number, areSuperseded ? number : null, now);
        var closed = Close(conversation, command.Status, messages, now) with
        {
            WindowStart = command.WindowStart ?? conversation.WindowStart,
            LastFailedRun = RunRules.Failed(command.Status, command.FinishReason) ? number : conversation.LastFailedRun,
        };
        var run = new StoredRun
        {
            Run = open.Run with
            {
                Status = command.Status,
                Model = command.Model,
                FinishReason = command.FinishReason,
                Usage = command.Usage,
                UsageByModel = command.UsageByModel,
                PromptTokens = command.PromptTokens,
                HistoryTokens = command.HistoryTokens,
                Cost = command.Cost,
                WindowStart = command.ShownFrom,
                Error = command.Error,
                OutputPosition = messages.Length > 0 ? messages[0].Position : 0,
                OutputCount = messages.Length,
                EndedAt = now,
            },
            Fingerprint = open.Fingerprint,
            SupersededFrom = supersedeFrom is { } from ? Math.Clamp(from, 1, end + 1) : null,
            SegmentsExpireAt = command.HasSegments ? TurnLease.Expiry(now, open.SegmentRetention) : null,
        };
        var write = new ConversationWrite { Conversation = closed, ExpectedToken = open.Token, Recounts = command.Recounts, Runs = new[] { run }, Messages = messages };
        if (branches is not null)
            write = Supersede(write, ChangesOf(command, open.Run, end, branches), number, branches);
        return new Decision<bool>(true, Batch(command.Access, write, WriteDurability.Disk));
    }

    /// <summary>What the holder of a lease learns of a conversation [1.4, 1.9]. Whether the lease has expired has no effect.</summary>
    public static LeaseState StateOf(TurnLease lease, StoredConversation? conversation) =>
        !lease.IsOf(conversation) ? LeaseState.Lost
        : conversation!.OpenRun!.IsStopRequested ? LeaseState.StopRequested
        : LeaseState.Held;

    /// <summary>Decides whether a lease is renewed [1.4, 1.5]. A request to stop is kept [1.9].</summary>
    public static Decision<LeaseState> Renew(TurnLease lease, ConversationAccess access, ConversationState state)
    {
        var found = StateOf(lease, state.Conversation);
        if (found == LeaseState.Lost)
            return Decision.Nothing(found);

        var conversation = state.Conversation!;
        var open = conversation.OpenRun!;
        var renewed = open with { LeaseDuration = lease.Duration, LeaseExpiresAt = TurnLease.Expiry(state.Now, lease.Duration) };
        return new Decision<LeaseState>(found, Batch(access, new ConversationWrite { Conversation = conversation with { OpenRun = renewed }, ExpectedToken = open.Token }, WriteDurability.Process));
    }

    /// <summary>Decides how an open run is stopped [1.9]: its holder is asked to, or it is interrupted if its lease has expired.</summary>
    public static Decision<StopOutcome> Stop(long number, ConversationAccess access, ConversationState state, IReadOnlyList<StoredMessage> draft)
    {
        if (state.Conversation is not { } conversation || !IsOpen(conversation, number))
            return Decision.Nothing(StopOutcome.NotOpen);
        if (Interrupt(number, access, state, draft) is { Outcome: true, Batch: var interruption })
            return new Decision<StopOutcome>(StopOutcome.Interrupted, interruption);

        var open = conversation.OpenRun!;
        return open.IsStopRequested
            ? Decision.Nothing(StopOutcome.Requested)
            : new Decision<StopOutcome>(
                StopOutcome.Requested,
                Batch(access, new ConversationWrite { Conversation = conversation with { OpenRun = open with { IsStopRequested = true } }, ExpectedToken = open.Token }, WriteDurability.Process));
    }

    /// <summary>Decides whether an open run whose holder is gone is interrupted without another turn [1.7].</summary>
    /// <returns>False if it is not open, or its lease has not expired.</returns>
    public static Decision<bool> Interrupt(long number, ConversationAccess access, ConversationState state, IReadOnlyList<StoredMessage> draft)
    {
        if (state.Conversation is not { } conversation || !IsOpen(conversation, number) || TurnLease.IsHeld(conversation.OpenRun, state.Now))
            return Decision.Nothing(false);

        var (interrupted, run, messages) = Interrupt(conversation, draft, state.Now);
        return new Decision<bool>(true, Batch(access, new ConversationWrite { Conversation = interrupted, Runs = [run!], Messages = messages }, WriteDurability.Disk));
    }

    /// <summary>Closes the open run, if there is one, as interrupted. What it streamed becomes its output, marked partial [1.3, 6.3].</summary>
    private static (StoredConversation Conversation, StoredRun? Run, StoredMessage[] Messages) Interrupt(
        StoredConversation conversation, IReadOnlyList<StoredMessage> draft, DateTimeOffset now)
    {
        if (conversation.OpenRun is not { } open)
            return (conversation, null, []);

        var kept = open.WhenInterrupted() == InterruptedOutput.Discard ? [] : draft;
        var number = open.Run.Number;
        var messages = Place(conversation.Conversation, kept, number, open.WhenInterrupted() == InterruptedOutput.AppendSuperseded ? number : null, now);
        var run = new StoredRun
        {
            Run = open.Run with { Status = RunStatus.Interrupted, EndedAt = now, OutputPosition = messages.Length > 0 ? messages[0].Position : 0, OutputCount = messages.Length },
            Fingerprint = open.Fingerprint,
            SegmentsExpireAt = draft.Count > 0 ? TurnLease.Expiry(now, open.SegmentRetention) : null,
        };
        return (Close(conversation, RunStatus.Interrupted, messages, now), run, messages);
    }

    /// <summary>Assigns messages their positions at the end of a conversation [4.2]. A message without a time gets the current time.</summary>
    private static StoredMessage[] Place(Conversation conversation, IReadOnlyList<ConversationMessage> added, long? number, long? supersededBy, DateTimeOffset now)
    {
        if (added.Count == 0)
            return [];

        var messages = new StoredMessage[added.Count];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = Place(added[i], conversation.Id, conversation.LastPosition + 1 + i, number, supersededBy, now);
        return messages;
    }

    private static StoredMessage Place(ConversationMessage message, string conversationId, long position, long? number, long? supersededBy, DateTimeOffset now)
    {
        if (message is not StoredMessage stored)
            return new StoredMessage(message) { ConversationId = conversationId, Position = position, RunNumber = number, SupersededBy = supersededBy, CreatedAt = message.CreatedAt ?? now };

        // What a turn adds has its position already, unless others have written to the conversation.
        var isPlaced = stored.Position == position && stored.RunNumber == number && stored.SupersededBy == supersededBy
            && stored.CreatedAt is not null && string.Equals(stored.ConversationId, conversationId, StringComparison.Ordinal);
        return isPlaced ? stored : stored with { ConversationId = conversationId, Position = position, RunNumber = number, SupersededBy = supersededBy, CreatedAt = stored.CreatedAt ?? now };
    }

    /// <summary>The conversation with messages appended.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="title">Its title.</param>
    /// <param name="lastRun">The status of its newest turn [5.8].</param>
    /// <param name="activity">The time of the activity that it is; null if it is none.</param>
    private static Conversation Append(Conversation conversation, StoredMessage[] messages, string? title, RunStatus? lastRun, DateTimeOffset? activity)
    {
        if (messages.Length == 0 && activity is null && ReferenceEquals(title, conversation.Title) && lastRun == conversation.LastRunStatus)
            return conversation;

        return conversation with
        {
            Title = title,
            LastRunStatus = lastRun,
            MessageCount = conversation.MessageCount + messages.Length,
            LastPosition = conversation.LastPosition + messages.Length,
            LastMessageAt = messages.Length > 0 ? messages[^1].CreatedAt : conversation.LastMessageAt,
            LastActivityAt = LastActivity(conversation.LastActivityAt, activity),
        };
    }

    /// <summary>The later of the last activity and a new one; the new one if the last is so far ahead that its clock was wrong [5.6].</summary>
    private static DateTimeOffset LastActivity(DateTimeOffset last, DateTimeOffset? activity) =>
        activity is { } now && (now > last || last - now > LargestClockError) ? now : last;

    /// <summary>Ends the open run, which is that of the newest turn, with the messages that it added. That is activity, unless the run neither brought nor added a message [5.6].</summary>
    private static StoredConversation Close(StoredConversation conversation, RunStatus status, StoredMessage[] messages, DateTimeOffset now)
    {
        var data = conversation.Conversation;
        var isActivity = messages.Length > 0 || conversation.OpenRun!.Run.Input().End >= data.LastPosition;
        return conversation with { OpenRun = null, Conversation = Append(data, messages, data.Title, status, isActivity ? now : null) };
    }

    /// <summary>A write of one existing conversation.</summary>
    private static ConversationBatch Batch(ConversationAccess access, ConversationWrite write, WriteDurability durability) =>
        new() { Access = access, Conversations = new[] { write }, Durability = durability };
}
