using Conversations.Storage;

namespace Conversations;

internal static partial class TurnRules
{
    /// <summary>Decides how a conversation is created, and whether it becomes the current one of its scope [2.3].</summary>
    public static Decision<Conversation> Create(CreateConversationCommand command, ConversationState state)
    {
        var createdAt = command.CreatedAt?.ToUniversalTime() ?? state.Now;
        var empty = New(command.Scope, command.ConversationId, command.Title, command.Metadata, createdAt, ActiveAt(command, createdAt, state.Now));
        var messages = Place(empty.Conversation, command.Messages, number: null, supersededBy: null, state.Now);
        var created = empty with { Conversation = Append(empty.Conversation with { ForkedFrom = command.ForkedFrom }, messages, command.Title, lastRun: null, activity: null) };

        IReadOnlyList<ConversationWrite> writes = [new() { Conversation = created, Messages = messages }];
        var active = state.Conversation is { Conversation.IsActive: true } ? state.Conversation : null;
        var isKept = command.Current == CurrentConversationRule.Keep && active is not null;
        if (command.Current == CurrentConversationRule.End && active is not null)
            writes = [.. writes, new() { Conversation = active with { Conversation = WithStatus(active.Conversation, ConversationStatus.Ended, state.Now) } }];
        else if (command.Current == CurrentConversationRule.Keep && !isKept && state.Conversation is not null)
            writes = WithUnchanged(writes, state.Conversation);

        var batch = new ConversationBatch
        {
            Access = ConversationAccess.Host(command.Scope.Project),
            Scope = command.Scope,
            Conversations = writes,
            PointerChange = isKept ? null : new PointerChange(state.Conversation?.Conversation.Id, command.ConversationId),
            Durability = WriteDurability.Disk,
        };
        return new Decision<Conversation>(created.Conversation, batch);
    }

    /// <summary>Decides what a change of title, metadata or status writes [2.4].</summary>
    /// <param name="change">The change.</param>
    /// <param name="access">What the caller can reach.</param>
    /// <param name="state">The conversation.</param>
    /// <param name="current">The current conversation of its scope; needed only if it is reopened.</param>
    /// <returns>The conversation as it is afterwards; null if it does not exist.</returns>
    public static Decision<Conversation?> Change(ConversationChange change, ConversationAccess access, ConversationState state, StoredConversation? current)
    {
        if (state.Conversation is not { } conversation)
            return Decision.Nothing<Conversation?>(null);

        var before = conversation.Conversation;
        var after = WithStatus(before with { Title = change.Title ?? before.Title, Metadata = change.Metadata is { } metadata ? metadata.Value : before.Metadata }, change.Status ?? before.Status, state.Now);
        if (after == before)
            return Decision.Nothing<Conversation?>(before);

        // A reopened conversation becomes the current one if the scope has no active one.
        IReadOnlyList<ConversationWrite> writes = [new() { Conversation = conversation with { Conversation = after } }];
        var takesPlace = Reopens(change, state) && current is not { Conversation.IsActive: true };
        if (takesPlace && current is not null)
            writes = WithUnchanged(writes, current);
        var batch = new ConversationBatch
        {
            Access = access,
            Scope = takesPlace ? ConversationScope.Parse(before.SessionId) : null,
            Conversations = writes,
            PointerChange = takesPlace ? new PointerChange(current?.Conversation.Id, before.Id) : null,
            Durability = WriteDurability.Disk,
        };
        return new Decision<Conversation?>(after, batch);
    }

    /// <summary>Whether a change reopens the conversation, which can make it the current one of its scope [2.4].</summary>
    public static bool Reopens(ConversationChange change, ConversationState state) =>
        change.Status == ConversationStatus.Active && state.Conversation is { Conversation.IsActive: false };

    /// <summary>Decides what the deletion of a message writes [7.1].</summary>
    /// <param name="position">The position of the message.</param>
    /// <param name="access">What the caller can reach.</param>
    /// <param name="state">The conversation.</param>
    /// <param name="message">The message; null if the position has none.</param>
    /// <param name="newest">The newest of the other messages; null if there is none.</param>
    /// <param name="oldest">The oldest of the other messages, as far as a title is made of them.</param>
    /// <returns>False if there is no such message.</returns>
    public static Decision<bool> DeleteMessage(
        long position, ConversationAccess access, ConversationState state, StoredMessage? message, StoredMessage? newest, IReadOnlyList<StoredMessage> oldest)
    {
        if (state.Conversation is not { } conversation || message is null)
            return Decision.Nothing(false);

        // A title that was made of the message quotes it.
        var title = conversation.Conversation.Title;
        if (title is not null && string.Equals(title, ConversationTitle.From([message]), StringComparison.Ordinal))
            title = ConversationTitle.From(oldest);

        // The segments of a closed run repeat its messages. Those of an open run are not messages yet.
        var write = new ConversationWrite
        {
            Conversation = conversation with
            {
                Conversation = conversation.Conversation with { Title = title, MessageCount = conversation.Conversation.MessageCount - 1, LastMessageAt = newest?.CreatedAt },
                HistoryRevision = conversation.HistoryRevision + 1,
                WindowStart = 0,
            },
            DeletedMessages = [position],
            DropSummariesFrom = position,
            DroppedSegments = message.RunNumber is { } run && !IsOpen(conversation, run) ? [run] : [],
        };
        return new Decision<bool>(true, Batch(access, write, WriteDurability.Disk));
    }

    /// <summary>Decides whether a summary is saved: only if what it was made from is unchanged, and no other summary was saved since [8.1]. The answer of the summarizer is recorded as a run in any case [8.6].</summary>
    /// <returns>False if the summary is outdated or was refused, or the conversation does not exist.</returns>
    public static Decision<bool> SaveSummary(SaveSummaryCommand command, ConversationState state)
    {
        if (state.Conversation is not { } conversation)
            return Decision.Nothing(false);

        var number = conversation.LastRun + 1;
        var summary = IsUpToDate(command, conversation, state.Summary) ? SummaryOf(command, state.Now) : null;
        var write = new ConversationWrite { Conversation = conversation with { LastRun = number }, Runs = [SummaryRunOf(command, number, state.Now)], Summary = summary };
        return new Decision<bool>(summary is not null, Batch(command.Access, write, WriteDurability.Disk));
    }

    private static bool IsUpToDate(SaveSummaryCommand command, StoredConversation conversation, ConversationSummary? newest)
    {
        var start = command.Base?.Through ?? 0;
        return conversation.HistoryRevision == command.HistoryRevision
            && (newest?.Through ?? 0) == start
            && command.Through > start
            && command.Through <= conversation.Conversation.LastPosition;
    }

    private static ConversationSummary? SummaryOf(SaveSummaryCommand command, DateTimeOffset now) => command.Text is not { } text ? null : new ConversationSummary
    {
        ConversationId = command.ConversationId,
        Through = command.Through,
        MessageCount = (command.Base?.MessageCount ?? 0) + command.MessageCount,
        Text = text,
        Tokens = command.Tokens,
        CreatedAt = now,
    };

    private static StoredRun SummaryRunOf(SaveSummaryCommand command, long number, DateTimeOffset now) => new()
    {
        Run = new ConversationRun
        {
            ConversationId = command.ConversationId,
            Number = number,
            Kind = RunKind.Summary,
            Status = RunStatus.Completed,
            Caller = command.Caller,
            Model = command.Model,
            Usage = command.Usage,
            Cost = command.Cost,
            StartedAt = command.StartedAt,
            EndedAt = now,
        },
    };

    /// <summary>The last activity of a new conversation [5.6]: that of an imported one is in the past, and a fork is made now.</summary>
    private static DateTimeOffset ActiveAt(CreateConversationCommand command, DateTimeOffset createdAt, DateTimeOffset now)
    {
        if (command.ForkedFrom is not null)
            return now;

        var last = command.Messages is [.., { CreatedAt: { } time }] ? time.ToUniversalTime() : createdAt;
        return last < now ? last : now;
    }

    private static StoredConversation New(ConversationScope scope, string id, string? title, string? metadata, DateTimeOffset createdAt, DateTimeOffset activeAt) => new()
    {
        Conversation = new Conversation
        {
            Id = id,
            SessionId = scope.SessionId,
            Project = scope.Project,
            Agent = scope.Agent,
            Channel = scope.Channel,
            UserId = scope.Owner.Identity?.UserId,
            Thread = scope.Owner.Thread,
            Title = title,
            Metadata = metadata,
            CreatedAt = createdAt,
            LastActivityAt = activeAt,
        },
    };

    /// <summary>A conversation that ends keeps the time at which it stopped being active; reopening is activity.</summary>
    private static Conversation WithStatus(Conversation conversation, ConversationStatus status, DateTimeOffset now) =>
        conversation.Status == status ? conversation
        : status == ConversationStatus.Active ? Append(conversation, [], conversation.Title, conversation.LastRunStatus, activity: now) with { Status = status, EndedAt = null }
        : conversation with { Status = status, EndedAt = conversation.EndedAt ?? now };
}
