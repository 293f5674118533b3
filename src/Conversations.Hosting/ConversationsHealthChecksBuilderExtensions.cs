using Conversations;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides extension methods that add health checks of conversations.</summary>
public static class ConversationsHealthChecksBuilderExtensions
{
    /// <summary>Adds a check of the store of conversations, as <see cref="ConversationMaintenance.CheckHealthAsync"/> makes it: readable, writable, and not busy for more than ten seconds. The description of a failure has its code.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the check; <see langword="null"/> for <c>conversations</c>, or <c>conversations-</c> and the key.</param>
    /// <param name="key">The key of the manager; <see langword="null"/> for the manager without a key.</param>
    /// <param name="failureStatus">The status of a failure; <see langword="null"/> for unhealthy.</param>
    /// <param name="tags">Tags by which checks are selected.</param>
    /// <returns>The same builder.</returns>
    public static IHealthChecksBuilder AddConversations(this IHealthChecksBuilder builder, string? name = null, string? key = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name ?? (key is null ? "conversations" : $"conversations-{key}"),
            provider => new StoreHealthCheck(key is null ? provider.GetRequiredService<ConversationMaintenance>() : provider.GetRequiredKeyedService<ConversationMaintenance>(key)),
            failureStatus,
            tags));
    }
}
