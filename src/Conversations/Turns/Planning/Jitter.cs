namespace Conversations;

/// <summary>Spreads delays, so that processes that began to wait together do not continue together.</summary>
internal static class Jitter
{
    /// <summary>Returns a random delay between half and one and a half times the given one.</summary>
    public static TimeSpan Of(TimeSpan delay) => delay * (0.5 + Random.Shared.NextDouble());
}
