namespace Conversations;

/// <summary>Where a conversation belongs: project, agent, owner and channel. One scope is one session and has at most one current conversation.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed class ConversationScope : IEquatable<ConversationScope>
{
    /// <summary>The name of the project where none is set.</summary>
    public const string DefaultProject = "default";

    /// <summary>Makes a scope.</summary>
    /// <param name="project">The project.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="channel">The channel; <see langword="null"/> if all channels share it, which an owner that is not one identity implies.</param>
    /// <exception cref="ArgumentException">A text is empty or blank, holds a NUL or is not well-formed UTF-16; or the channel does not fit the owner: what is one identity's has a channel, what is shared has none.</exception>
    public ConversationScope(string project, string agent, ConversationOwner owner, string? channel)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Project = WellFormed.Key(project, nameof(project));
        Agent = WellFormed.Key(agent, nameof(agent));
        Channel = WellFormed.OptionalKey(channel, nameof(channel));
        if (owner.Identity is null != channel is null)
            throw new ArgumentException("What is one identity's has a channel; what is shared has none.", nameof(channel));

        Owner = owner;
        SessionId = SessionIdFormat.Write(this);
    }

    /// <summary>The project.</summary>
    public string Project { get; }

    /// <summary>The agent.</summary>
    public string Agent { get; }

    /// <summary>The owner.</summary>
    public ConversationOwner Owner { get; }

    /// <summary>The channel; <see langword="null"/> if all channels share it.</summary>
    public string? Channel { get; }

    /// <summary>The scope as one readable text, different for different scopes: <c>{channel}:{user_id}:{agent}</c>, and with
    /// more fields <c>chat:user_123;tenant_id=acme:support-bot@project</c>; shared, <c>*:*;tenant_id=acme:team-bot</c>;
    /// around a thread, <c>*:#order-7;tenant_id=acme:crm-agent</c>. A character that has a meaning there is written <c>%3A</c>.</summary>
    public string SessionId { get; }

    /// <summary>Reads a session id.</summary>
    /// <param name="sessionId">What <see cref="SessionId"/> gave.</param>
    /// <returns>A scope equal to the one it was made from.</returns>
    /// <exception cref="FormatException"><paramref name="sessionId"/> is no session id, or not spelled as the library spells it.</exception>
    public static ConversationScope Parse(string sessionId)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        return SessionIdFormat.Read(sessionId) ?? throw new FormatException("It is not a session id.");
    }

    /// <summary>Whether the two are the same scope.</summary>
    /// <param name="other">The other scope.</param>
    /// <returns><see langword="true"/> if they are the same.</returns>
    public bool Equals(ConversationScope? other) => other is not null && string.Equals(SessionId, other.SessionId, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConversationScope);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(SessionId);

    /// <summary>The <see cref="SessionId"/>.</summary>
    /// <returns>The session id.</returns>
    public override string ToString() => SessionId;
}
