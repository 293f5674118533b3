using System.Text;

namespace Conversations;

/// <summary>Explains how a request would be resolved, and why.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record TurnExplanation
{
    /// <summary>Gets the agent.</summary>
    public required string Agent { get; init; }

    /// <summary>Gets the channel.</summary>
    public required string Channel { get; init; }

    /// <summary>Gets the mode of the agent in the channel.</summary>
    public required PersistenceMode Mode { get; init; }

    /// <summary>Gets the reason for the scope.</summary>
    public required ResolutionReason Reason { get; init; }

    /// <summary>Gets the scope; <see langword="null"/> if nothing would be stored, or the caller cannot access the specified conversation.</summary>
    public ConversationScope? Scope { get; init; }

    /// <summary>Gets the conversation that would be continued; <see langword="null"/> if none would.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>Gets why a conversation would begin; <see langword="null"/> if none would.</summary>
    public ConversationStartReason? StartReason { get; init; }

    /// <summary>Gets the code of the exception that the request would currently cause; <see langword="null"/> if none. Leases and idempotency keys are not checked.</summary>
    public string? Refusal { get; init; }

    /// <summary>Gets the content of the prompt and its excluded ranges; <see langword="null"/> if the request would be rejected.</summary>
    public ContextWindow? Window { get; init; }

    /// <summary>Gets whether the turn would be stored.</summary>
    public bool IsPersisted => Refusal is null && Scope is not null;

    /// <summary>Returns the explanation as text, without message content.</summary>
    /// <returns>A few sentences.</returns>
    public override string ToString()
    {
        var text = new StringBuilder($"Agent '{Agent}' is {ModeName} in channel '{Channel}'. ");
        text.Append(Reason switch
        {
            ResolutionReason.ConversationId => "The request names a conversation. ",
            ResolutionReason.Thread => "The request names a thread, which all callers share that name it and have the same PartitionBy values. ",
            ResolutionReason.Shared => "All callers within the PartitionBy fields share one history. ",
            ResolutionReason.Identity => "The caller's identity is the owner. ",
            ResolutionReason.NoIdentity => "The caller has no identity. ",
            _ => "",
        });
        if (Scope is not null)
            text.Append($"The session is '{Scope.SessionId}'. ");

        text.Append(Outcome);
        return (Window is null || Conversation is null ? text : text.Append(' ').Append(Window)).ToString();
    }

    private string ModeName => Mode switch
    {
        PersistenceMode.PerUser => "per-user",
        PersistenceMode.Shared => "shared",
        _ => "stateless",
    };

    private string Outcome => (Refusal, Conversation, StartReason) switch
    {
        (not null, _, _) => $"It would be refused: {Refusal}.",
        (_, not null, _) => $"It would continue conversation '{Conversation.Id}'.",
        (_, _, ConversationStartReason.First) => "It would begin a conversation: there is none to continue.",
        (_, _, ConversationStartReason.Ended) => "It would begin a conversation: the last one has ended.",
        (_, _, ConversationStartReason.Requested) => "It would begin a conversation, as asked.",
        _ => "Nothing would be stored.",
    };
}
