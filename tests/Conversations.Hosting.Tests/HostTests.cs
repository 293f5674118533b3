using System.Diagnostics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Conversations.Hosting.Tests;

public sealed class HostTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-hosting-");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddConversations_of_a_host_reads_the_configuration_and_the_connection_string()
    {
        var builder = Builder();
        builder.Configuration["Conversations:Project"] = "shop";
        builder.Configuration["Conversations:Agents:bot:HistoryLimit"] = "7";
        builder.Configuration["ConnectionStrings:chats"] = "Data Source=chats.db";
        builder.AddConversations("chats").UseSqlite();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var created = await host.Services.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ann")).CreateAsync("bot", cancellationToken: Cancellation);

        created.Project.Should().Be("shop");
        File.Exists(Path.Combine(_folder.FullName, "chats.db")).Should().BeTrue();
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["conversations"].Status.Should().Be(HealthStatus.Healthy);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task AddConversations_of_a_host_fails_at_start_when_the_connection_string_is_missing()
    {
        var builder = Builder();
        builder.AddConversations("chats", options => options.AddAgent("bot")).UseSqlite();
        using var host = builder.Build();

        var starting = () => host.StartAsync(Cancellation);

        await starting.Should().ThrowAsync<InvalidOperationException>().WithMessage("*no connection string 'chats'*ConnectionStrings:chats*");
    }

    [Fact]
    public void UseSqlite_without_a_connection_is_refused_when_the_builder_has_no_name()
    {
        var use = () => new ServiceCollection().AddConversations().UseSqlite();

        use.Should().Throw<InvalidOperationException>().WithMessage("*no connection name*");
    }

    [Fact]
    public async Task Health_check_reports_the_code_of_a_store_that_fails()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        services.AddKeyedConversations("support", options => options.AddAgent("bot")).UseSqlite($"Data Source={Path.Combine(_folder.FullName, "none", "none.db")};Mode=ReadWrite");
        services.AddHealthChecks().AddConversations().AddConversations(key: "support", failureStatus: HealthStatus.Degraded, tags: ["ready"]);
        await using var provider = services.BuildServiceProvider();

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation);

        report.Entries["conversations"].Status.Should().Be(HealthStatus.Healthy);
        var failed = report.Entries["conversations-support"];
        (failed.Status, failed.Description, failed.Exception).Should().Be((HealthStatus.Degraded, "The store of conversations failed its check: STORE_UNAVAILABLE.", null));
        failed.Tags.Should().Equal("ready");
    }

    [Fact]
    public async Task Host_that_collects_telemetry_gets_spans_and_measurements()
    {
        var spans = new List<Activity>();
        var metrics = new List<Metric>();
        var builder = Builder();
        builder.AddConversations("chats", options => options.AddAgent("bot")).UseInMemory();
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddProcessor(new SimpleActivityExportProcessor(new ListExporter<Activity>(spans))))
            .WithMetrics(metering => metering.AddReader(new BaseExportingMetricReader(new ListExporter<Metric>(metrics))));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        await host.Services.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ann")).RunTurnAsync("bot", "hello", (_, _) => Task.FromResult("hi"), Cancellation);

        host.Services.GetRequiredService<MeterProvider>().ForceFlush().Should().BeTrue();
        spans.Should().Contain(span => span.OperationName.StartsWith("invoke_agent", StringComparison.Ordinal));
        metrics.Should().Contain(metric => metric.MeterName == ConversationTelemetry.MeterName);
        await host.StopAsync(Cancellation);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private HostApplicationBuilder Builder() => Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = _folder.FullName });

    private sealed class ListExporter<T>(List<T> exported) : BaseExporter<T>
        where T : class
    {
        public override ExportResult Export(in Batch<T> batch)
        {
            foreach (var item in batch)
                exported.Add(item);
            return ExportResult.Success;
        }
    }
}
