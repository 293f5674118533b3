using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The options of a request to a <see cref="ConversationChatClient"/>: those of any <see cref="ChatOptions"/>, and which conversation it is about.</summary>
/// <remarks>Without <see cref="ChatOptions.ConversationId"/> and <see cref="Thread"/> the current conversation of the identity, the agent and the channel is continued, or one begins.
/// None of what is added here reaches the model's client. Not safe from several threads at once.</remarks>
public sealed class ConversationChatOptions : ChatOptions
{
    /// <summary>Makes options.</summary>
    public ConversationChatOptions()
    {
    }

    /// <summary>Makes options with the settings of others, those of a <see cref="ConversationChatOptions"/> included.</summary>
    /// <param name="other">The others; collections are copied, what they hold is shared.</param>
    public ConversationChatOptions(ChatOptions? other)
        : base(other)
    {
        if (other is not ConversationChatOptions conversation)
            return;

        Identity = conversation.Identity;
        Thread = conversation.Thread;
        Channel = conversation.Channel;
        IdempotencyKey = conversation.IdempotencyKey;
        StartNew = conversation.StartNew;
        HistoryLimit = conversation.HistoryLimit;
        TokenLimit = conversation.TokenLimit;
        OnBusy = conversation.OnBusy;
        RegenerateMessageId = conversation.RegenerateMessageId;
        AnsweredCalls = conversation.AnsweredCalls;
    }

    /// <summary>Who is speaking, for a client that was made for a <see cref="ConversationManager"/>; <see langword="null"/> for the host's own view, or for whom the client was made.
    /// The host has authenticated the caller.</summary>
    public ConversationIdentity? Identity { get; set; }

    /// <summary>The host's own key of the record, task or topic that the conversation is about, see <see cref="TurnRequest.Thread"/>; <see langword="null"/> for none.
    /// <see cref="ChatOptions.ConversationId"/> goes before it.</summary>
    public string? Thread { get; set; }

    /// <summary>Where it happens; <see langword="null"/> for <see cref="ConversationChannels.Chat"/>.</summary>
    public string? Channel { get; set; }

    /// <summary>The host's own key of this request: sent again with the same key, it is answered with the first answer and the model is not called again. <see langword="null"/> for none.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>Whether to begin a new conversation. <see cref="ChatOptions.ConversationId"/> goes before it: who calls functions and sends their results with the id of the response goes on in the new one.</summary>
    public bool StartNew { get; set; }

    /// <summary>How many messages go to the model, see <see cref="TurnRequest.HistoryLimit"/>; <see langword="null"/> for what the agent's options say.</summary>
    public int? HistoryLimit { get; set; }

    /// <summary>How many tokens the prompt may cost, see <see cref="TurnRequest.TokenLimit"/>; <see langword="null"/> for what the agent's options say.</summary>
    public int? TokenLimit { get; set; }

    /// <summary>What to do when the conversation is busy; <see langword="null"/> for what the agent's options say.</summary>
    public BusyPolicy? OnBusy { get; set; }

    /// <summary>A message of an answer, or the user's message that it answers, to be answered again, see <see cref="RegenerateRequest"/>; <see langword="null"/> for a request of its own.
    /// No messages are sent then, but for a system's, and neither <see cref="Thread"/> nor <see cref="StartNew"/> is set. Results that are sent with a <see cref="ChatOptions.ConversationId"/> go before it, as before <see cref="StartNew"/>.</summary>
    public string? RegenerateMessageId { get; set; }

    /// <summary>How often results were sent with these options since the last question, so that each time has a key of its own: call ids are not unique.</summary>
    internal int AnsweredCalls { get; set; }

    /// <summary>Makes a copy; collections are copied, what they hold is shared.</summary>
    /// <returns>The copy, a <see cref="ConversationChatOptions"/>, too.</returns>
    public override ChatOptions Clone() => new ConversationChatOptions(this);

    /// <summary>The options for the model's client: without what is ours. Our conversations have no part in a provider's, nor do answers that a provider gives in the background.</summary>
    internal static ChatOptions? ForModel(ChatOptions? options)
    {
        var plain = options is ConversationChatOptions ours ? new Plain(ours) : options?.Clone();
        if (plain is null)
            return null;

        plain.ConversationId = null;
        plain.AllowBackgroundResponses = null;
        return plain;
    }

    private sealed class Plain(ChatOptions other) : ChatOptions(other)
    {
        public override ChatOptions Clone() => new Plain(this);
    }
}
