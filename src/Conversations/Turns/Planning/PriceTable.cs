namespace Conversations;

/// <summary>The prices of models, by name.</summary>
internal sealed class PriceTable(IReadOnlyDictionary<string, ModelPrice> prices)
{
    private const decimal Million = 1_000_000;

    private readonly Dictionary<string, ModelPrice> _prices = new(prices, StringComparer.Ordinal);

    /// <summary>Returns the cost of a run: the cost that was reported, or that of its tokens; null if neither is known. It never throws, because the run is about to end.</summary>
    public decimal? CostOf(string? model, TokenUsage? usage, decimal? reported = null)
    {
        if (reported is not null || model is null || usage is null || Find(model) is not { } price)
            return reported;

        // An agent can report impossible numbers, such as more cached tokens than input tokens.
        var cached = Math.Max(usage.CachedInputTokens, 0);
        var written = Math.Max(usage.CacheWriteInputTokens, 0);
        var input = Math.Max((decimal)Math.Max(usage.InputTokens, 0) - cached - written, 0);
        var output = Math.Max(usage.OutputTokens, 0);
        return ((input * price.InputPerMillion)
            + (cached * (price.CachedInputPerMillion ?? price.InputPerMillion))
            + (written * (price.CacheWriteInputPerMillion ?? price.InputPerMillion))
            + (output * price.OutputPerMillion)) / Million;
    }

    /// <summary>Returns the cost of a run that used several models: the cost that was reported, or the sum of the costs of its models; null if one of them is not known.</summary>
    public (decimal? Cost, IReadOnlyList<ModelUsage> UsageByModel) CostOf(IReadOnlyList<ModelUsage> models, decimal? reported)
    {
        if (reported is not null)
            return (reported, models);

        ModelUsage[] priced = [.. models.Select(used => used with { Cost = CostOf(used.Model, used.Usage) })];
        return Array.TrueForAll(priced, static used => used.Cost is not null) ? (priced.Sum(static used => used.Cost), priced) : (null, priced);
    }

    /// <summary>Returns the price of the model, or of the model of which it is a dated version. Other prefixes are not matched, because the names of models with very different prices have the same beginning.</summary>
    private ModelPrice? Find(string model) =>
        _prices.GetValueOrDefault(model) ?? (ModelNames.WithoutDate(model) is { } undated ? _prices.GetValueOrDefault(undated) : null);
}
