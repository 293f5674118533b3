using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The options of a request to a <see cref="ConversationChatClient"/>: those of <see cref="ChatOptions"/>, and the conversation.</summary>
/// <remarks>Without <see cref="ChatOptions.ConversationId"/> and <see cref="Thread"/>, the request continues the current conversation of the identity, the agent and the channel, or creates one.
/// The members of this class do not reach the inner client. The client does not change the options, so several requests can use one object at the same time while nothing else changes it.</remarks>
public sealed class ConversationChatOptions : ChatOptions
{
    /// <summary>Initializes options.</summary>
    public ConversationChatOptions()
    {
    }

    /// <summary>Initializes options with the values of other options, including those of a <see cref="ConversationChatOptions"/>.</summary>
    /// <param name="other">The other options. Collections are copied; their items are shared.</param>
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
        ReplaceMessageId = conversation.ReplaceMessageId;
    }

    /// <summary>Gets or sets the identity of the caller, for a client of a <see cref="ConversationManager"/>; <see langword="null"/> for the host, or for the identity of the client's view.
    /// The host must have authenticated the caller.</summary>
    public ConversationIdentity? Identity { get; set; }

    /// <summary>Gets or sets the thread key: the host's key of the record, task or topic of the conversation, see <see cref="TurnRequest.Thread"/>; <see langword="null"/> for none.
    /// <see cref="ChatOptions.ConversationId"/> takes precedence.</summary>
    public string? Thread { get; set; }

    /// <summary>Gets or sets the channel of the request; <see langword="null"/> for <see cref="ConversationChannels.Chat"/>.</summary>
    public string? Channel { get; set; }

    /// <summary>Gets or sets the idempotency key: the host's key of this request. A repeated request with the same key returns the first answer, and the model is not called again. <see langword="null"/> for none.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>Gets or sets whether to begin a new conversation. <see cref="ChatOptions.ConversationId"/> takes precedence: results that are sent with the conversation id of the response continue the new conversation.</summary>
    public bool StartNew { get; set; }

    /// <summary>Gets or sets the maximum number of messages in the prompt, see <see cref="TurnRequest.HistoryLimit"/>; <see langword="null"/> for the value of the agent's options. A greater value than that has no effect.</summary>
    public int? HistoryLimit { get; set; }

    /// <summary>Gets or sets the maximum number of tokens of the prompt, see <see cref="TurnRequest.TokenLimit"/>; <see langword="null"/> for the value of the agent's options. A greater value than that has no effect.</summary>
    public int? TokenLimit { get; set; }

    /// <summary>Gets or sets what to do if the conversation is busy; <see langword="null"/> for the value of the agent's options.</summary>
    public BusyPolicy? OnBusy { get; set; }

    /// <summary>Gets or sets the id of a message to answer again: a message of an answer, or the user message that it answers, see <see cref="RegenerateRequest"/>; <see langword="null"/> for a request with new input.
    /// With it, send no messages other than system messages, and set neither <see cref="Thread"/> nor <see cref="StartNew"/>. Results that are sent with a <see cref="ChatOptions.ConversationId"/> take precedence, as over <see cref="StartNew"/>.</summary>
    public string? RegenerateMessageId { get; set; }

    /// <summary>Gets or sets the id of the user message that the new messages replace, with everything after it, as when its user edits it and sends it again, see <see cref="TurnRequest.ReplaceMessageId"/>; <see langword="null"/> for none.
    /// Set neither <see cref="Thread"/> of another conversation nor <see cref="StartNew"/>. Results that are sent with a <see cref="ChatOptions.ConversationId"/> take precedence, as over <see cref="StartNew"/>.</summary>
    public string? ReplaceMessageId { get; set; }

    /// <summary>Creates a copy. Collections are copied; their items are shared.</summary>
    /// <returns>The copy, which is a <see cref="ConversationChatOptions"/> too.</returns>
    public override ChatOptions Clone() => new ConversationChatOptions(this);

    /// <summary>Returns the options for the inner client, without the members of this class, the conversation id, and the option for background responses.</summary>
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
