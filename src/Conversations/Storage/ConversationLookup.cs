using System.Text;

namespace Conversations.Storage;

/// <summary>Specifies what <see cref="IConversationStore.LoadAsync"/> loads. Exactly one of <see cref="ConversationId"/> and <see cref="Scope"/> is set.</summary>
public sealed record ConversationLookup
{
    /// <summary>Gets what the caller can reach. It applies to <see cref="ConversationId"/>; a scope states its owner itself [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the id of the conversation to load.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Gets the scope whose current conversation is loaded.</summary>
    public ConversationScope? Scope { get; init; }

    /// <summary>Gets the idempotency key whose run is loaded too: of <see cref="Scope"/>, or of the scope of the conversation with <see cref="ConversationId"/>.</summary>
    public RequestKey? Key { get; init; }

    /// <summary>Gets how many of the newest messages are loaded too; <see langword="null"/> for none.</summary>
    public WindowSize? Window { get; init; }

    /// <summary>Gets the position before which a summary must end to be loaded; the newest such summary is loaded, and the window begins after it. <see langword="null"/> for no summary.</summary>
    public long? SummaryBefore { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, ConversationId ?? Scope?.SessionId ?? "");
}

/// <summary>Identifies a request within a scope.</summary>
public sealed record RequestKey
{
    /// <summary>Creates a key.</summary>
    /// <param name="caller">The caller that chose the key; empty for a caller without identity.</param>
    /// <param name="value">The idempotency key.</param>
    public RequestKey(string caller, string value)
    {
        Caller = caller;
        Value = value;
    }

    /// <summary>Gets the caller that chose the key; empty for a caller without identity.</summary>
    public string Caller { get; init; }

    /// <summary>Gets the idempotency key.</summary>
    public string Value { get; init; }

    /// <summary>Returns the key that a run has in its scope.</summary>
    /// <param name="run">The run, open or closed.</param>
    /// <returns>The key; <see langword="null"/> if the run has none.</returns>
    public static RequestKey? Of(ConversationRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.IdempotencyKey is { } value ? new RequestKey(run.Caller ?? "", value) : null;
    }

    /// <summary>Returns nothing that identifies the request: a key is the host's own data.</summary>
    /// <returns>An empty string.</returns>
    public override string ToString() => "";
}

/// <summary>Limits a window: the newest messages that are neither errors nor superseded, oldest first [5].</summary>
public sealed record WindowSize
{
    /// <summary>Creates a limit.</summary>
    /// <param name="messages">The maximum number of messages; at least 1.</param>
    /// <param name="tokens">The maximum number of tokens; <see langword="null"/> for no limit.</param>
    public WindowSize(int messages, TokenAmount? tokens = null)
    {
        Messages = messages;
        Tokens = tokens;
    }

    /// <summary>Gets the maximum number of messages; at least 1.</summary>
    public int Messages { get; init; }

    /// <summary>Gets the maximum number of tokens by the messages' counts of that counter; a message that exceeds it by itself does not count and is read without its content, and one without such a count costs nothing. <see langword="null"/> for no limit.</summary>
    public TokenAmount? Tokens { get; init; }
}
