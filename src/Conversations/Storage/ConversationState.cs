namespace Conversations.Storage;

/// <summary>The state that a decision is made on, as of one moment.</summary>
public sealed record ConversationState
{
    /// <summary>Gets the time of the store's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Gets the conversation that was looked up by id, or that the scope points to; <see langword="null"/> if there is none.</summary>
    public StoredConversation? Conversation { get; init; }

    /// <summary>Gets the run that has the idempotency key; <see langword="null"/> if no run has it.</summary>
    public StoredRun? KeyedRun { get; init; }

    /// <summary>Gets the conversation of <see cref="KeyedRun"/>, which need not be <see cref="Conversation"/>.</summary>
    public StoredConversation? KeyedConversation { get; init; }

    /// <summary>Gets the newest summary of <see cref="Conversation"/> that ends before the requested position; <see langword="null"/> if there is none or none was requested.</summary>
    public ConversationSummary? Summary { get; init; }

    /// <summary>Gets the window of <see cref="Conversation"/>, oldest message first; empty if none was requested.</summary>
    public IReadOnlyList<StoredMessage> Window { get; init; } = [];
}
