namespace Conversations;

/// <summary>Thrown when a request requires an identity, or a field of one, that the caller lacks (<c>IDENTITY_REQUIRED</c>). Nothing was written.</summary>
public sealed class IdentityRequiredException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="field">The identity field that the caller lacks; <see langword="null"/> if it has no identity.</param>
    public IdentityRequiredException(string agent, string? field = null)
        : base(ConversationErrorCodes.IdentityRequired, MessageOf(agent, field))
    {
        Agent = agent;
        Field = field;
    }

    /// <summary>Gets the name of the agent.</summary>
    public string Agent { get; }

    /// <summary>Gets the identity field that the caller lacks, because of <see cref="AgentOptions.PartitionBy"/> or <see cref="ConversationOptions.RequireTenant"/>; <see langword="null"/> if it has no identity.</summary>
    public string? Field { get; }

    private static string MessageOf(string agent, string? field) => field is null
        ? $"Agent '{agent}' requires an identity. Call through ForIdentity; for an import or a request of a chat client, set its Identity."
        : $"Agent '{agent}' requires the identity field '{WellFormed.Quote(field)}', which the caller lacks. Call through ForIdentity with an identity that has it, or change PartitionBy or RequireTenant.";
}
