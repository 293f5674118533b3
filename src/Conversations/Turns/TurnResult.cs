using System.Text;

namespace Conversations;

/// <summary>The result of a turn.</summary>
/// <remarks>Immutable, and therefore thread-safe.</remarks>
public sealed record TurnResult
{
    /// <summary>Gets the text of the last assistant message that has text; <see langword="null"/> if there is none.</summary>
    public string? ReplyText => Reply?.Text;

    /// <summary>Gets the id of the message that contains <see cref="ReplyText"/>; <see langword="null"/> if there is none or the turn was not stored.</summary>
    public string? ReplyMessageId => Reply?.Id;

    /// <summary>Gets the id of the first input message; <see langword="null"/> if the turn was not stored.</summary>
    public required string? InputMessageId { get; init; }

    /// <summary>Gets the id of the conversation; <see langword="null"/> if the turn was not stored.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>Gets the id of the run; <see langword="null"/> if the turn was not stored.</summary>
    public required string? RunId { get; init; }

    /// <summary>Gets whether this is the result of an earlier run of the same request. If the stored answer is damaged, no result is returned and a <see cref="ConversationStoreException"/> with the code <c>STORE_CORRUPT</c> is thrown.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Gets why a conversation was created; <see langword="null"/> if one was continued, the turn was not stored, or this is a replay.</summary>
    public ConversationStartReason? StartReason { get; init; }

    /// <summary>Gets the output of the turn, in order. It does not contain the input.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init => field = ReadOnly.Of(value); }

    private ConversationMessage? Reply => Messages.LastOrDefault(IsReply);

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, RunId ?? "(not stored)");

    /// <summary>Determines whether a message contains text for the caller.</summary>
    internal static bool IsReply(ConversationMessage message) =>
        message.Role == MessageRole.Assistant && message.Parts.Any(part => part is TextPart { Text.Length: > 0 });
}
