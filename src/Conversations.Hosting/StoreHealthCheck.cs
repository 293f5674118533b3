using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Conversations;

/// <summary>Reports the health of the store of a manager.</summary>
internal sealed class StoreHealthCheck(ConversationMaintenance maintenance) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var health = await maintenance.CheckHealthAsync(cancellationToken).ConfigureAwait(false);
        return health.Code is { } code
            ? new HealthCheckResult(context.Registration.FailureStatus, $"The store of conversations failed its check: {code}.")
            : HealthCheckResult.Healthy();
    }
}
