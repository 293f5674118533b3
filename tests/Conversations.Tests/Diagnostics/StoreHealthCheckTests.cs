using Conversations.Tests.Architecture;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Conversations.Tests.Diagnostics;

/// <summary>The health check that <c>docs/telemetry.md</c> shows compiles and works, in a container.</summary>
public sealed class StoreHealthCheckTests
{
    [Fact]
    public void Page_shows_the_code_of_this_test()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "telemetry.md")).ReplaceLineEndings("\n");
        var code = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Conversations.Tests", "Diagnostics", "StoreHealthCheck.cs")).ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()).ToList();

        var shown = page[page.IndexOf("A health check for ASP.NET Core", StringComparison.Ordinal)..].Split('\n').Select(line => line.Trim()).Skip(1).Where(line => line.Length > 0 && !line.StartsWith("```", StringComparison.Ordinal)).ToList();

        shown.Should().HaveCount(9).And.BeSubsetOf(code);
    }

    [Fact]
    public async Task Check_of_a_container_returns_the_health_of_its_store()
    {
        var host = new HostWithHealthCheck();
        host.Services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        host.AddChecks();
        await using var provider = host.Services.BuildServiceProvider();
        var context = new HealthCheckContext(provider.GetRequiredService<HealthCheckRegistration>());
        var check = provider.GetRequiredService<StoreHealthCheck>();

        var healthy = await check.CheckHealthAsync(context, TestContext.Current.CancellationToken);
        await provider.GetRequiredService<Conversations.Storage.IConversationStore>().DisposeAsync();
        var ill = await check.CheckHealthAsync(context, TestContext.Current.CancellationToken);

        healthy.Status.Should().Be(HealthStatus.Healthy);
        ill.Should().Be(new HealthCheckResult(HealthStatus.Unhealthy, "STORE_UNAVAILABLE"));
    }
}
