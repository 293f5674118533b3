namespace Conversations.Soak.Schedules;

/// <summary>The expected outcome of a request, by the rules.</summary>
/// <param name="Code">Why it is refused; null if it is not.</param>
internal sealed record ModelBegin(string? Code)
{
    /// <summary>The run whose result is replayed.</summary>
    public ModelRun? Replayed { get; init; }

    /// <summary>The conversation; null if one is created.</summary>
    public ModelConversation? Conversation { get; init; }

    /// <summary>The existing input.</summary>
    public (long Position, int Count)? Saved { get; init; }
}
