using Conversations;

namespace OpenTelemetry.Trace;

/// <summary>Provides extension methods that collect spans of conversations.</summary>
public static class ConversationsTracerProviderBuilderExtensions
{
    /// <summary>Collects the spans of turns, waits and summaries. They contain no content unless <see cref="ConversationOptions.RecordContent"/> is set.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The same builder.</returns>
    public static TracerProviderBuilder AddConversationsInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(ConversationTelemetry.SourceName);
    }
}
