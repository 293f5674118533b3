namespace Conversations;

/// <summary>What a model costs, in the currency that the host reckons in.</summary>
/// <param name="InputPerMillion">For a million tokens that it reads.</param>
/// <param name="OutputPerMillion">For a million tokens that it writes.</param>
/// <param name="CachedInputPerMillion">For a million tokens that it reads from the provider's cache; <see langword="null"/> for as much as the others that it reads.</param>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed record ModelPrice(decimal InputPerMillion, decimal OutputPerMillion, decimal? CachedInputPerMillion = null);
