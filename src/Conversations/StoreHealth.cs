namespace Conversations;

/// <summary>How a store was when it was asked, see <see cref="ConversationMaintenance.CheckHealthAsync"/>.</summary>
/// <param name="IsHealthy">Whether it could be read and written to.</param>
/// <param name="Code">What was wrong, one of <see cref="ConversationErrorCodes"/>; <see langword="null"/> if nothing was. A store that did not answer, or fails in words of its own, is <c>STORE_UNAVAILABLE</c>.</param>
/// <param name="Duration">How long it took to find out.</param>
public sealed record StoreHealth(bool IsHealthy, string? Code, TimeSpan Duration);
