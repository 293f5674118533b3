using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Conversations.Tests.Diagnostics
{
    /// <summary>The health check that <c>docs/telemetry.md</c> shows, to the letter, so that the page shows what compiles.</summary>
    public sealed class StoreHealthCheck(ConversationMaintenance maintenance) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            StoreHealth health = await maintenance.CheckHealthAsync(cancellationToken);
            return health.IsHealthy ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, health.Code);
        }
    }

    /// <summary>A host that is built as the page says.</summary>
    internal sealed class HostWithHealthCheck
    {
        public IServiceCollection Services { get; } = new ServiceCollection();

        public void AddChecks()
        {
            var builder = this;
            builder.Services.AddHealthChecks().AddCheck<StoreHealthCheck>("conversations");
        }
    }
}

// The package is not among ours: what the page needs of it, as it is declared there.
namespace Microsoft.Extensions.Diagnostics.HealthChecks
{
    public enum HealthStatus
    {
        Unhealthy,
        Degraded,
        Healthy,
    }

    public interface IHealthCheck
    {
        Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default);
    }

    public sealed record HealthCheckRegistration(string Name, Type Check, HealthStatus FailureStatus);

    public sealed record HealthCheckContext(HealthCheckRegistration Registration);

    public readonly record struct HealthCheckResult(HealthStatus Status, string? Description = null)
    {
        public static HealthCheckResult Healthy(string? description = null) => new(HealthStatus.Healthy, description);
    }

    internal sealed record HealthChecksBuilder(IServiceCollection Services)
    {
        public HealthChecksBuilder AddCheck<T>(string name)
            where T : class, IHealthCheck
        {
            Services.AddSingleton(new HealthCheckRegistration(name, typeof(T), HealthStatus.Unhealthy)).AddSingleton<T>();
            return this;
        }
    }

    internal static class HealthCheckServices
    {
        public static HealthChecksBuilder AddHealthChecks(this IServiceCollection services) => new(services);
    }
}
