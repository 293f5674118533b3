namespace Conversations;

/// <summary>The result of a health check. See <see cref="ConversationMaintenance.CheckHealthAsync"/>.</summary>
public sealed record StoreHealth
{
    /// <summary>Creates a result.</summary>
    /// <param name="code">The error code, one of <see cref="ConversationErrorCodes"/>; <see langword="null"/> if the store is healthy.</param>
    /// <param name="duration">How long the check took.</param>
    public StoreHealth(string? code, TimeSpan duration)
    {
        Code = code;
        Duration = duration;
    }

    /// <summary>Gets whether the store was readable and writable: <see cref="Code"/> is <see langword="null"/>.</summary>
    public bool IsHealthy => Code is null;

    /// <summary>Gets the error code, one of <see cref="ConversationErrorCodes"/>; <see langword="null"/> if the store is healthy. The code is <c>STORE_UNAVAILABLE</c> if the store did not respond or threw another exception.</summary>
    public string? Code { get; init; }

    /// <summary>Gets how long the check took.</summary>
    public TimeSpan Duration { get; init; }
}
