using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies what a run is the record of.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunKind>))]
public enum RunKind
{
    /// <summary>A turn.</summary>
    Turn,

    /// <summary>An answer of a summarizer, whether its summary was saved or refused. The run has no messages and no idempotency key, is completed, and can be recorded while a turn is open.</summary>
    Summary,
}
