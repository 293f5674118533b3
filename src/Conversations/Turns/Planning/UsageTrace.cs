using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Records for telemetry listeners which model and how many tokens a turn or a summary used.</summary>
internal static class UsageTrace
{
    /// <summary>Sets the attributes of a span.</summary>
    public static void Describe(Activity span, string? model, TokenUsage? usage)
    {
        span.SetTag(TelemetryNames.Model, model);
        if (usage is null)
            return;

        span.SetTag(TelemetryNames.InputTokens, usage.InputTokens).SetTag(TelemetryNames.OutputTokens, usage.OutputTokens);
        if (usage.CachedInputTokens > 0)
            span.SetTag(TelemetryNames.CachedInputTokens, usage.CachedInputTokens);
        if (usage.CacheWriteInputTokens > 0)
            span.SetTag(TelemetryNames.CacheWriteInputTokens, usage.CacheWriteInputTokens);
        if (usage.ReasoningTokens > 0)
            span.SetTag(TelemetryNames.ReasoningTokens, usage.ReasoningTokens);
    }

    /// <summary>Measures the tokens, if they are known.</summary>
    public static void Measure(ILogger logger, TurnSettings settings, string operation, string? model, TokenUsage? usage)
    {
        if (usage is null || !Telemetry.UsedTokens.Enabled)
            return;

        var tags = Tags(settings, operation, model);
        Measure(logger, usage.InputTokens, [.. tags, Telemetry.Tag(TelemetryNames.TokenType, "input")]);
        Measure(logger, usage.OutputTokens, [.. tags, Telemetry.Tag(TelemetryNames.TokenType, "output")]);
    }

    /// <summary>The tags of a measurement.</summary>
    public static KeyValuePair<string, object?>[] Tags(TurnSettings settings, string operation, string? model)
    {
        var (tag, agent) = (Telemetry.Tag(TelemetryNames.Operation, operation), Telemetry.Tag(TelemetryNames.Agent, settings.Agent));
        return model is null ? [tag, agent] : [tag, agent, Telemetry.Tag(TelemetryNames.Model, settings.Models.Of(model))];
    }

    private static void Measure(ILogger logger, long tokens, KeyValuePair<string, object?>[] tags) =>
        Recording.Do(logger, (tokens, tags), static measured => Telemetry.UsedTokens.Record(measured.tokens, measured.tags));
}
