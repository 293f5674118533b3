using System.Runtime.InteropServices;

namespace Conversations;

/// <summary>What telemetry records of a turn at its end.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct TurnEnd
{
    public required bool IsPersisted { get; init; }

    public required string? ConversationId { get; init; }

    public required string? RunId { get; init; }

    public required string? Model { get; init; }

    public required string? FinishReason { get; init; }

    public required TokenUsage? Usage { get; init; }

    /// <summary>Gets the usage of each model; null if there was one.</summary>
    public required IReadOnlyList<ModelUsage>? UsageByModel { get; init; }

    public required IReadOnlyList<ConversationMessage> Added { get; init; }

    public required bool IsLeaseLost { get; init; }
}
