using Conversations;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Provides extension methods that add conversations to a host.</summary>
public static class ConversationsHostApplicationBuilderExtensions
{
    /// <summary>The section of the configuration that is read.</summary>
    private const string Section = "Conversations";

    /// <summary>Adds conversations with the section <c>Conversations</c> of the configuration, a health check of the store, and their spans and measurements, if the host collects any.</summary>
    /// <param name="builder">The builder of the host.</param>
    /// <param name="connectionName">The name of a connection string in the configuration, for the store that is selected without one, as with <c>UseSqlite()</c>.</param>
    /// <param name="configure">Sets what a configuration cannot create, and defaults: values of the configuration override those that it sets.</param>
    /// <returns>A builder on which a store is selected.</returns>
    public static ConversationsBuilder AddConversations(this IHostApplicationBuilder builder, string connectionName, Action<ConversationOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionName);
        builder.Services.AddHealthChecks().AddConversations();
        builder.Services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddConversationsInstrumentation());
        builder.Services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddConversationsInstrumentation());
        var conversations = builder.Services.AddConversations(builder.Configuration.GetSection(Section), configure);
        conversations.ConnectionName = connectionName;
        return conversations;
    }
}
