using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies the grouping of a usage report. Flags can be combined.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<UsageGrouping>))]
public enum UsageGrouping
{
    /// <summary>No grouping: one row for all runs.</summary>
    None = 0,

    /// <summary>By the conversation.</summary>
    Conversation = 1,

    /// <summary>By the agent.</summary>
    Agent = 2,

    /// <summary>By the <c>tenant_id</c> and the <c>user_id</c> of the caller, regardless of its other identity fields.</summary>
    User = 4,

    /// <summary>By the day on which the run began, in <see cref="UsageQuery.TimeZone"/>.</summary>
    Day = 8,

    /// <summary>By the kind of the run: turns and summaries.</summary>
    Kind = 16,

    /// <summary>By the model. A run that used several is counted in the row of its last one, and the tokens and costs of each model in the row of that model.</summary>
    Model = 32,
}
