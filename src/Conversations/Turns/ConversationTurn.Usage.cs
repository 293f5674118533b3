namespace Conversations;

public sealed partial class ConversationTurn
{
    // Null unless there were several models.
    private List<ModelUsage>? _usageByModel;

    private (decimal? Cost, IReadOnlyList<ModelUsage> UsageByModel) Costs => _usageByModel is { } models
        ? _plan.Settings.Prices.CostOf(models, Cost)
        : (_plan.Settings.Prices.CostOf(Model, Usage, Cost), []);

    /// <summary>Adds the tokens of one answer of a model, for a turn that asks a model several times, or several models. <see cref="Usage"/> is the sum, and <see cref="Model"/> the last model. If there were several, the run has the usage of each
    /// (<see cref="ConversationRun.UsageByModel"/>), and its cost is the sum of their costs.</summary>
    /// <param name="model">The name of the model; <see langword="null"/> if it is not known.</param>
    /// <param name="usage">The tokens of the answer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number of tokens is negative or more than a quadrillion. A sum is at most a quadrillion.</exception>
    public void AddUsage(string? model, TokenUsage usage)
    {
        RunFigures.Usage(usage ?? throw new ArgumentNullException(nameof(usage)), nameof(usage));
        var name = RunFigures.Name(model, nameof(model));
        var sum = Usage is { } before ? RunFigures.Sum(before, usage) : usage;
        var models = _usageByModel;
        if (models is not null || (Usage is not null && !string.Equals(name, Model, StringComparison.Ordinal)))
        {
            models ??= [new ModelUsage { Model = Model, Usage = Usage! }];
            var known = models.FindIndex(used => string.Equals(used.Model, name, StringComparison.Ordinal));
            if (known >= 0)
                models[known] = models[known] with { Usage = RunFigures.Sum(models[known].Usage, usage) };
            else
                models.Add(new ModelUsage { Model = name, Usage = usage });
        }

        (Usage, Model) = (sum, name);
        _usageByModel = models;
    }
}
