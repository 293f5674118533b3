using System.Text;

namespace Conversations;

/// <summary>How a request would resolve, and why; nothing is run or written.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record TurnExplanation
{
    /// <summary>The agent.</summary>
    public required string Agent { get; init; }

    /// <summary>The channel.</summary>
    public required string Channel { get; init; }

    /// <summary>The agent's mode in that channel.</summary>
    public required PersistenceMode Mode { get; init; }

    /// <summary>What decided.</summary>
    public required ResolutionReason Reason { get; init; }

    /// <summary>The scope; <see langword="null"/> if nothing would be stored, or the conversation that is named is not in reach.</summary>
    public ConversationScope? Scope { get; init; }

    /// <summary>The conversation that would be continued; <see langword="null"/> if none would.</summary>
    public Conversation? Conversation { get; init; }

    /// <summary>Why a conversation would begin; <see langword="null"/> if none would.</summary>
    public ConversationStartReason? StartReason { get; init; }

    /// <summary>The code of the exception with which the request would be refused as things stand; <see langword="null"/> if it would not. Whether the conversation is locked, and whether its idempotency key is known, is not looked at.</summary>
    public string? Refusal { get; init; }

    /// <summary>What the prompt would hold and leave out; <see langword="null"/> if the request would be refused.</summary>
    public ContextWindow? Window { get; init; }

    /// <summary>Whether the turn would be stored.</summary>
    public bool IsPersisted => Refusal is null && Scope is not null;

    /// <summary>The explanation in words, without content.</summary>
    /// <returns>A few sentences.</returns>
    public override string ToString()
    {
        var text = new StringBuilder($"Agent '{Agent}' is {ModeName} in channel '{Channel}'. ");
        text.Append(Reason switch
        {
            ResolutionReason.ConversationId => "The request names a conversation. ",
            ResolutionReason.Thread => "The request names a thread, which all callers within the PartitionBy fields share. ",
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
