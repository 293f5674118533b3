using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies the status of a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>The turn is open, or its process died and this was not yet detected.</summary>
    Running,

    /// <summary>The turn was committed.</summary>
    Completed,

    /// <summary>The agent failed. The input and the partial output are kept.</summary>
    Failed,

    /// <summary>The turn was cancelled or disposed without a commit. The input and the partial output are kept.</summary>
    Cancelled,

    /// <summary>The process of the turn died or the turn lost its lease. The input is kept.</summary>
    Interrupted,

    /// <summary>The turn was committed and ended with open calls or requests for approvals. A later turn provides their results or responses as its input. The status remains when they are answered: what waits is the newest turn of its conversation, and the status of that is <see cref="Conversation.LastRunStatus"/>.</summary>
    RequiresAction,

    /// <summary>The turn was committed, and a later run superseded its output. If the output is restored, the run has its earlier status again.</summary>
    Superseded,
}
