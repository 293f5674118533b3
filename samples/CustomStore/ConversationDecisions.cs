using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>How a conversation is created, changed and deleted. Only decides: nothing is changed here.</summary>
internal static class ConversationDecisions
{
    public static Conversation New(string id, ConversationScope scope, DateTimeOffset now) => new()
    {
        Id = id,
        SessionId = scope.SessionId,
        Project = scope.Project,
        Agent = scope.Agent,
        Channel = scope.Channel,
        UserId = scope.Owner.Identity?.UserId,
        Thread = scope.Owner.Thread,
        CreatedAt = now,
        LastActivityAt = now,
    };

    public static Decision<Conversation> Create(StoreState state, CreateConversationCommand command, DateTimeOffset now)
    {
        var created = New(command.ConversationId, command.Scope, now);
        var messages = MessageRow.From(command.Messages, created);
        created = new ConversationRow(created).With(messages, now) with { Title = command.Title, CreatedAt = command.CreatedAt?.ToUniversalTime() ?? now };
        var current = state.Current(command.Scope) is { IsActive: true } active ? active.Row : null;
        var isEnding = current is not null && command.Current == CurrentConversationRule.End;
        return new(created, new JournalLine("created")
        {
            Conversations = isEnding ? [new(created), current! with { Conversation = WithStatus(current.Conversation, ConversationStatus.Ended, now) }] : [new(created)],
            Messages = messages,
            Current = current is not null && command.Current == CurrentConversationRule.Keep ? null : created.Id,
        });
    }

    public static Decision<Conversation?> Change(StoreState state, StoredConversation? conversation, ConversationChange change, DateTimeOffset now)
    {
        if (conversation is null)
            return new(null);

        var before = conversation.Row.Conversation;
        var after = WithStatus(before with { Title = change.Title ?? before.Title }, change.Status ?? before.Status, now);
        var takesPointer = after.IsActive && !before.IsActive && state.Current(conversation.Scope) is not { IsActive: true };
        return new(after, after == before ? null : new JournalLine("changed")
        {
            Conversations = [conversation.Row with { Conversation = after }],
            Current = takesPointer ? after.Id : null,
        });
    }

    public static Decision<bool> Delete(StoredConversation? conversation) => conversation is null
        ? new(false)
        : new(true, new JournalLine("deleted") { DeletedConversation = conversation.Id });

    public static Decision<bool> DeleteMessage(StoredConversation? conversation, long position)
    {
        if (conversation?.HasMessage(position) != true)
            return new(false);

        var fewer = conversation.Row.Conversation with { MessageCount = conversation.Row.Conversation.MessageCount - 1 };
        return new(true, new JournalLine("message deleted") { Conversations = [conversation.Row with { Conversation = fewer }], DeletedMessage = position });
    }

    private static Conversation WithStatus(Conversation conversation, ConversationStatus status, DateTimeOffset now) => (conversation.IsActive, status) switch
    {
        (true, ConversationStatus.Active) => conversation,
        (true, _) => conversation with { Status = status, EndedAt = now },
        (false, ConversationStatus.Active) => conversation with
        {
            Status = status,
            EndedAt = null,
            LastActivityAt = conversation.LastActivityAt > now ? conversation.LastActivityAt : now,
        },
        _ => conversation with { Status = status },
    };
}
