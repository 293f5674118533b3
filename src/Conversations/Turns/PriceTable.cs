using System.Globalization;

namespace Conversations;

/// <summary>What models cost, by their names.</summary>
internal sealed class PriceTable(IReadOnlyDictionary<string, ModelPrice> prices)
{
    private const decimal Million = 1_000_000;

    private static readonly string[] DateFormats = ["yyyyMMdd", "yyyy-MM-dd"];

    private readonly Dictionary<string, ModelPrice> _prices = new(prices, StringComparer.Ordinal);

    /// <summary>What so many tokens of a model cost; null if that cannot be known. It never throws: a turn is about to end.</summary>
    public decimal? CostOf(string? model, TokenUsage? usage)
    {
        if (model is null || usage is null || Find(model) is not { } price)
            return null;

        // An agent may say what cannot be: more cached tokens than input, say, where it leaves those out of the input.
        var cached = Math.Max(usage.CachedInputTokens, 0);
        var input = Math.Max(Math.Max(usage.InputTokens, 0) - cached, 0);
        var output = Math.Max(usage.OutputTokens, 0);
        return ((input * price.InputPerMillion) + (cached * (price.CachedInputPerMillion ?? price.InputPerMillion)) + (output * price.OutputPerMillion)) / Million;
    }

    /// <summary>The price of the model, or else of the one that it is a dated version of. Nothing looser: models of very different prices begin with the same name.</summary>
    private ModelPrice? Find(string model) =>
        _prices.GetValueOrDefault(model) ?? (WithoutDate(model) is { } undated ? _prices.GetValueOrDefault(undated) : null);

    private static string? WithoutDate(string model)
    {
        foreach (var format in DateFormats)
        {
            var end = model.Length - format.Length - 1;
            if (end > 0 && model[end] is '-' or '@' && DateOnly.TryParseExact(model.AsSpan(end + 1), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                return model[..end];
        }

        return null;
    }
}
