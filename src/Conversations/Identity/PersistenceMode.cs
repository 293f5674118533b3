using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies how an agent remembers.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PersistenceMode>))]
public enum PersistenceMode
{
    /// <summary>A history for each identity and channel.</summary>
    PerUser,

    /// <summary>One history for all callers with the same values of the <c>PartitionBy</c> fields, in all channels, including callers without identity.</summary>
    Shared,

    /// <summary>Nothing is stored.</summary>
    Stateless,
}
