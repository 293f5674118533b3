namespace Conversations;

/// <summary>Thrown when an agent requires an identity and the request has none (<c>IDENTITY_REQUIRED</c>). Nothing was written.</summary>
public sealed class IdentityRequiredException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="agent">The name of the agent.</param>
    public IdentityRequiredException(string agent)
        : base(ConversationErrorCodes.IdentityRequired, $"Agent '{agent}' requires an identity. Call through ForIdentity; for an import, set its Identity.") => Agent = agent;

    /// <summary>Gets the name of the agent.</summary>
    public string Agent { get; }
}
