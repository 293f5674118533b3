namespace Conversations;

/// <summary>The price of a model, in the currency of the host.</summary>
/// <param name="InputPerMillion">The price of a million input tokens.</param>
/// <param name="OutputPerMillion">The price of a million output tokens.</param>
/// <param name="CachedInputPerMillion">The price of a million cached input tokens; <see langword="null"/> for the price of other input tokens.</param>
/// <param name="CacheWriteInputPerMillion">The price of a million input tokens that are written to the cache; <see langword="null"/> for the price of other input tokens.</param>
/// <remarks>This type is immutable and thread-safe.</remarks>
internal sealed record ModelPrice(decimal InputPerMillion, decimal OutputPerMillion, decimal? CachedInputPerMillion = null, decimal? CacheWriteInputPerMillion = null);
