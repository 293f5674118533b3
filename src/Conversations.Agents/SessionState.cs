using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Agents.AI;

namespace Conversations;

/// <summary>What a session states about its conversation. It is all that is serialized with the session: an id, or the thread key under which a session store knows the session.</summary>
internal sealed record SessionState
{
    /// <summary>The key in the state of a session. It is stored by hosts and never changes.</summary>
    public const string Key = "Conversations";

    private static readonly JsonSerializerOptions Json = SessionStateJson.Default.Options;

    // Not serialized: an identity is for those who have authenticated it.
    private static readonly ConditionalWeakTable<AgentSession, ConversationIdentity> Identities = [];

    private static readonly ConditionalWeakTable<AgentSession, SemaphoreSlim> Locks = [];

    public string? ConversationId { get; init; }

    public string? Thread { get; init; }

    public static SessionState Of(AgentSession session) => session.StateBag.TryGetValue<SessionState>(Key, out var state, Json) && state is not null ? state : new SessionState();

    public static void Set(AgentSession session, SessionState state) => session.StateBag.SetValue(Key, state, Json);

    /// <summary>Returns the identity that a session store has found for the session; null for none.</summary>
    public static ConversationIdentity? IdentityOf(AgentSession session) => Identities.TryGetValue(session, out var identity) ? identity : null;

    public static void SetIdentity(AgentSession session, ConversationIdentity identity) => Identities.AddOrUpdate(session, identity);

    /// <summary>Returns the lock for the first runs of a session, of which one creates the conversation.</summary>
    public static SemaphoreSlim LockOf(AgentSession session) => Locks.GetValue(session, static _ => new SemaphoreSlim(1, 1));

    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append(ConversationId ?? (Thread is null ? "(new)" : "(thread)"));
        return true;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionState))]
internal sealed partial class SessionStateJson : JsonSerializerContext;
