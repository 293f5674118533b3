using Conversations;

namespace OpenTelemetry.Metrics;

/// <summary>Provides extension methods that collect measurements of conversations.</summary>
public static class ConversationsMeterProviderBuilderExtensions
{
    /// <summary>Collects the measurements of turns, prompts and stores.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static MeterProviderBuilder AddConversationsInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(ConversationTelemetry.MeterName);
    }
}
