using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies what determined the scope of a request.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ResolutionReason>))]
public enum ResolutionReason
{
    /// <summary>The request specifies a conversation.</summary>
    ConversationId,

    /// <summary>The request specifies a thread, which all callers within the agent's <c>PartitionBy</c> fields share.</summary>
    Thread,

    /// <summary>The mode is shared: all callers within the agent's <c>PartitionBy</c> fields share one history.</summary>
    Shared,

    /// <summary>The mode is per user, and the caller has an identity.</summary>
    Identity,

    /// <summary>The mode is per user, and the caller has no identity: nothing is stored.</summary>
    NoIdentity,

    /// <summary>The mode is stateless: nothing is stored.</summary>
    Stateless,
}
