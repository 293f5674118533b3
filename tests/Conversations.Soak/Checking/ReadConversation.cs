namespace Conversations.Soak.Checking;

/// <summary>All that can be read of a conversation.</summary>
internal sealed record ReadConversation(Conversation Data, IReadOnlyList<StoredMessage> Messages, IReadOnlyList<ConversationRun> Runs)
{
    /// <summary>Reads every conversation that a caller reaches.</summary>
    public static async Task<List<ReadConversation>> ReadAllAsync(ConversationView view)
    {
        var all = new List<ReadConversation>();
        await foreach (var conversation in view.ListAsync())
            all.Add(await ReadAsync(view, conversation));
        return all;
    }

    public static async Task<ReadConversation> ReadAsync(ConversationView view, Conversation conversation) => new(
        conversation,
        await view.GetMessagesAsync(conversation.Id, new MessageQuery { IncludeSuperseded = true }).ToListAsync(),
        await view.GetRunsAsync(conversation.Id).ToListAsync());

    /// <summary>The messages at some positions.</summary>
    public IEnumerable<StoredMessage> Span(long position, int count) =>
        Messages.Where(message => message.Position >= position && message.Position < position + count);
}
