namespace Conversations;

/// <summary>The tokens that one of several models of a run used.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ModelUsage
{
    /// <summary>Gets the name of the model; <see langword="null"/> if it is not known.</summary>
    public string? Model { get; init; }

    /// <summary>Gets the tokens that the model used.</summary>
    public required TokenUsage Usage { get; init; }

    /// <summary>Gets the cost of the tokens by the price of the model; <see langword="null"/> if it is not known, or if the agent reported the cost of the whole run.</summary>
    public decimal? Cost { get; init; }
}
