namespace Conversations;

/// <summary>What came of a turn.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record TurnResult
{
    /// <summary>The text of the last assistant message that has one; <see langword="null"/> if there is none.</summary>
    public string? ReplyText => Reply?.Text;

    /// <summary>The id of the message that <see cref="ReplyText"/> is from; <see langword="null"/> if there is none or nothing was stored.</summary>
    public string? ReplyMessageId => Reply?.Id;

    /// <summary>The id of the first input message; <see langword="null"/> if nothing was stored.</summary>
    public required string? InputMessageId { get; init; }

    /// <summary>The conversation; <see langword="null"/> if nothing was stored.</summary>
    public required string? ConversationId { get; init; }

    /// <summary>The run; <see langword="null"/> if nothing was stored.</summary>
    public required string? RunId { get; init; }

    /// <summary>Whether the request had been answered before and this is that answer again. If that answer is damaged, there is no result: <see cref="ConversationStoreException"/> says so (<c>STORE_CORRUPT</c>).</summary>
    public bool IsReplay { get; init; }

    /// <summary>Why a conversation was begun; <see langword="null"/> if one was continued, nothing was stored, or it is a replay.</summary>
    public ConversationStartReason? StartReason { get; init; }

    /// <summary>What the turn added, in order; input is not among it.</summary>
    public required IReadOnlyList<ConversationMessage> Messages { get; init; }

    private ConversationMessage? Reply => Messages.LastOrDefault(IsReply);

    /// <summary>What is safe to log: the run, no content.</summary>
    /// <returns>The run id.</returns>
    public override string ToString() => RunId ?? "(not stored)";

    /// <summary>Whether a message says something to whoever asked.</summary>
    internal static bool IsReply(ConversationMessage message) =>
        message.Role == MessageRole.Assistant && message.Parts.Any(part => part is TextPart { Text.Length: > 0 });
}
