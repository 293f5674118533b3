namespace Conversations;

/// <summary>What of a message a model is shown. Content that providers refuse is left out; it is kept for people.</summary>
internal static class ShownContent
{
    /// <summary>Returns a message without blank texts and without reasoning that no model is shown: reasoning without protected data, and reasoning at its end, which leads to nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isContinued">Whether the next message continues the answer, so that reasoning at the end leads to it.</param>
    /// <returns>The message, the same instance if nothing is left out; null if nothing remains.</returns>
    public static T? Of<T>(T message, bool isContinued = false)
        where T : ConversationMessage =>
        IsPlain(message) ? message : Without(message, static part => part is TextPart text ? string.IsNullOrWhiteSpace(text.Text) : part is ReasoningPart { ProtectedData: null }, isContinued);

    /// <summary>Returns a message without what only another model can read.</summary>
    /// <param name="message">The message, as <see cref="Of"/> returned it.</param>
    /// <returns>The message, the same instance if nothing is left out; null if nothing remains.</returns>
    public static T? ForAnotherModel<T>(T message)
        where T : ConversationMessage =>
        IsBound(message) ? Without(message, static part => part.IsModelBound, isContinued: false) : message;

    /// <summary>Returns whether only the model that wrote a message can read part of it.</summary>
    public static bool IsBound(ConversationMessage message)
    {
        if (message.OnlyPart is { } only)
            return only.IsModelBound;

        for (var i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i].IsModelBound)
                return true;
        }

        return false;
    }

    /// <summary>Returns whether a message is shown as it is, as most are: a single text.</summary>
    public static bool IsPlain(ConversationMessage message) => message.OnlyPart is TextPart { Text: var text } && !string.IsNullOrWhiteSpace(text);

    /// <summary>Returns whether a message was read without its content.</summary>
    public static bool IsOmitted(ConversationMessage message) => message.OnlyPart is ErrorPart { Code: ConversationErrorCodes.ContentOmitted };

    /// <summary>Returns the kind of a message, also if it was read without its content: what the assistant wrote directly before a call or a result is taken for a call.</summary>
    /// <param name="message">The message.</param>
    /// <param name="next">The kind of the next message.</param>
    public static MessageKind KindOf(ConversationMessage message, MessageKind? next) => !IsOmitted(message) ? message.Kind
        : message.Role == MessageRole.Tool ? MessageKind.ToolResult
        : message.Role == MessageRole.Assistant && next is MessageKind.ToolResult or MessageKind.ToolCall ? MessageKind.ToolCall
        : MessageKind.Message;

    private static T? Without<T>(T message, Func<ContentPart, bool> isLeftOut, bool isContinued)
        where T : ConversationMessage
    {
        var count = message.Parts.Count;
        if (message.Parts[count - 1] is not ReasoningPart && !message.Parts.Any(isLeftOut))
            return message;

        var kept = message.Parts.Where(part => !isLeftOut(part)).ToList();
        while (!isContinued && kept is [.., ReasoningPart])
            kept.RemoveAt(kept.Count - 1);
        return kept.Count == count ? message
            : kept.Count == 0 ? null
            : (T)((ConversationMessage)message with { Parts = kept });
    }
}
