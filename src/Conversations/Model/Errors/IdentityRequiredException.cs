namespace Conversations;

/// <summary>The agent requires an identity and the request has none (<c>IDENTITY_REQUIRED</c>); nothing was written.</summary>
public sealed class IdentityRequiredException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="agent">The agent.</param>
    public IdentityRequiredException(string agent)
        : base(ConversationErrorCodes.IdentityRequired, $"Agent '{agent}' requires an identity: call through ForIdentity, or set Identity where a request or an import has one.") => Agent = agent;

    /// <summary>The agent.</summary>
    public string Agent { get; }
}
