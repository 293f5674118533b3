using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>The scope of a conversation: project, agent, owner and channel. A scope is a session and has at most one current conversation.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
[JsonConverter(typeof(ScopeJsonConverter))]
public sealed record ConversationScope
{
    /// <summary>The name of the default project.</summary>
    public const string DefaultProject = "default";

    /// <summary>Initializes a scope.</summary>
    /// <param name="project">The project.</param>
    /// <param name="agent">The agent.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="channel">The channel; <see langword="null"/> if all channels share it, which is required unless the owner is one identity.</param>
    /// <exception cref="ArgumentException">A text is empty or blank, contains a NUL character or is not well-formed UTF-16; or the channel does not match the owner: the conversation of one identity has a channel, and a shared one has none.</exception>
    public ConversationScope(string project, string agent, ConversationOwner owner, string? channel)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Project = WellFormed.Key(project, nameof(project));
        Agent = WellFormed.Key(agent, nameof(agent));
        Channel = WellFormed.OptionalKey(channel, nameof(channel));
        if (owner.Identity is null != channel is null)
            throw new ArgumentException("The channel does not match the owner. Specify a channel for one identity, and none for a shared owner.", nameof(channel));

        Owner = owner;
        SessionId = SessionIdFormat.Write(this);
    }

    /// <summary>Gets the project.</summary>
    public string Project { get; }

    /// <summary>Gets the agent.</summary>
    public string Agent { get; }

    /// <summary>Gets the owner.</summary>
    public ConversationOwner Owner { get; }

    /// <summary>Gets the channel; <see langword="null"/> if all channels share it.</summary>
    public string? Channel { get; }

    /// <summary>Gets the session id, which is the scope as readable text and unique for each scope: <c>{channel}:{user_id}:{agent}</c>, and with
    /// more fields <c>chat:user_123;tenant_id=acme:support-bot@project</c>; shared, <c>*:*;tenant_id=acme:team-bot</c>;
    /// around a thread, <c>*:#order-7;tenant_id=acme:crm-agent</c>. A character that has a meaning there is written <c>%3A</c>.</summary>
    public string SessionId { get; }

    /// <summary>Parses a session id.</summary>
    /// <param name="sessionId">A value of <see cref="SessionId"/>.</param>
    /// <returns>The scope.</returns>
    /// <exception cref="FormatException"><paramref name="sessionId"/> is not a session id in canonical form.</exception>
    public static ConversationScope Parse(string sessionId)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        return SessionIdFormat.Read(sessionId) ?? throw new FormatException("The text is not a session id.");
    }

    /// <summary>Returns the <see cref="SessionId"/>.</summary>
    /// <returns>The session id.</returns>
    public override string ToString() => SessionId;
}
