using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>How a conversation is created, changed and deleted. Only decides: nothing is changed here.</summary>
internal static class ConversationDecisions
{
    public static Decision<Conversation> Create(StoreState state, CreateConversationCommand command, long now)
    {
        var empty = new ConversationRow(command.ConversationId, command.Scope.SessionId, command.CreatedAt?.UtcTicks ?? now, now, Title: command.Title);
        var messages = MessageRow.From(command.Messages, empty, run: null);
        var row = empty.With(messages, now);
        List<ConversationRow> rows = [row];
        if (command.Current == CurrentConversationRule.End && state.Current(command.Scope) is { IsActive: true } current)
            rows.Add(current.Row with { Status = ConversationStatus.Ended, EndedAt = now });

        return new(row.ToConversation(command.Scope), new JournalLine("created")
        {
            Conversations = [.. rows],
            Messages = messages,
            Current = command.Current == CurrentConversationRule.Keep && state.HasActive(command.Scope) ? null : row.Id,
        });
    }

    public static Decision<Conversation?> Change(StoreState state, StoredConversation? conversation, ConversationChange change, long now)
    {
        if (conversation is null)
            return new(null);

        var row = conversation.Row with { Title = change.Title ?? conversation.Row.Title, Status = change.Status ?? conversation.Row.Status };
        var isActive = row.Status == ConversationStatus.Active;
        var isReopened = isActive && !conversation.IsActive;
        if (isReopened)
            row = row with { EndedAt = null, LastActivityAt = Math.Max(row.LastActivityAt, now) };
        else if (!isActive && conversation.IsActive)
            row = row with { EndedAt = now };

        return row == conversation.Row
            ? new(conversation.ToConversation())
            : new(row.ToConversation(conversation.Scope), new JournalLine("changed")
            {
                Conversations = [row],
                Current = isReopened && !state.HasActive(conversation.Scope) ? row.Id : null,
            });
    }

    public static Decision<bool> Delete(StoredConversation? conversation) => conversation is null
        ? new(false)
        : new(true, new JournalLine("deleted") { DeletedConversation = conversation.Row.Id });

    public static Decision<bool> DeleteMessage(StoredConversation? conversation, long position) => conversation?.HasMessage(position) != true
        ? new(false)
        : new(true, new JournalLine("message deleted")
        {
            Conversations = [conversation.Row with { MessageCount = conversation.Row.MessageCount - 1 }],
            DeletedMessage = position,
        });
}
