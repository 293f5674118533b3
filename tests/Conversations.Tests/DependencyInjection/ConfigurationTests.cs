using System.Reflection;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Conversations.Tests.DependencyInjection;

/// <summary>Options that a configuration sets.</summary>
public sealed class ConfigurationTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void AddConversations_sets_every_option_that_is_no_object()
    {
        var options = Bound(
            """
            {
              "Project": "shop", "RequireTenant": true, "RecordContent": true, "ShutdownTimeout": "00:00:07", "AgentOptionsLifetime": "00:00:08",
              "Limits": { "MaxMessageBytes": 5001, "MaxMessageParts": 12, "MaxMetadataBytes": 1003, "MaxConversationMetadataBytes": 1006, "MaxPageBytes": 5004, "MaxWaitingTurns": 15, "MaxConcurrentSummaries": 6 },
              "Agents": {
                "bot": {
                  "Mode": "Shared", "ChannelModes": { "schedule": "stateless" }, "PartitionBy": ["tenant_id", "region"], "RequireIdentity": true, "RetainForAudit": true,
                  "SystemPrompt": "Be brief.", "HistoryLimit": 30, "TokenLimit": 8000, "HistoryTrim": 0.75, "FailedInputs": "Keep", "PromptTimeZone": "UTC",
                  "SummaryThreshold": 4, "SummaryTimeout": "00:01:00", "LeaseDuration": "00:00:20", "MaxTurnDuration": "00:05:00", "KeepPartialOutput": false,
                  "StreamRetention": "00:02:00", "OnBusy": "00:00:30"
                },
                "plain": {}
              },
              "Prices": { "gpt-5": { "InputPerMillion": 1.25, "OutputPerMillion": 10, "CachedInputPerMillion": 0.125, "CacheWriteInputPerMillion": 1.5 } }
            }
            """);

        (options.Project, options.RequireTenant, options.RecordContent, options.ShutdownTimeout, options.AgentOptionsLifetime).Should().Be(("shop", true, true, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8)));
        options.Limits.Should().BeEquivalentTo(
            new { MaxMessageBytes = 5001, MaxMessageParts = 12, MaxMetadataBytes = 1003, MaxConversationMetadataBytes = 1006, MaxPageBytes = 5004, MaxWaitingTurns = 15, MaxConcurrentSummaries = 6 });
        options.Agents.Keys.Should().BeEquivalentTo("bot", "plain");
        var bot = options.Agents["bot"];
        (bot.Mode, bot.RequireIdentity, bot.RetainForAudit, bot.SystemPrompt).Should().Be((PersistenceMode.Shared, true, true, "Be brief."));
        (bot.HistoryLimit, bot.TokenLimit, bot.HistoryTrim, bot.FailedInputs, bot.PromptTimeZone).Should().Be((30, 8000, 0.75, FailedInputs.Keep, TimeZoneInfo.Utc));
        (bot.SummaryThreshold, bot.SummaryTimeout, bot.LeaseDuration, bot.MaxTurnDuration).Should().Be((4, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(5)));
        (bot.KeepPartialOutput, bot.StreamRetention, bot.OnBusy).Should().Be((false, TimeSpan.FromMinutes(2), BusyPolicy.Wait(TimeSpan.FromSeconds(30))));
        bot.PartitionBy.Should().Equal("tenant_id", "region");
        bot.ChannelModes.Should().Equal(new Dictionary<string, PersistenceMode> { ["schedule"] = PersistenceMode.Stateless });
        options.Prices.Should().Equal(new Dictionary<string, ModelPrice> { ["gpt-5"] = new(1.25m, 10m, 0.125m, 1.5m) });
    }

    /// <summary>An option that is added is read from a configuration, or refused with a reason.</summary>
    [Theory]
    [InlineData(typeof(ConversationOptions), "")]
    [InlineData(typeof(ConversationLimits), "Limits:")]
    [InlineData(typeof(AgentOptions), "Agents:bot:")]
    public void Setting_of_every_property_is_known(Type options, string prefix)
    {
        var names = options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name);

        var unknown = names.Where(name => FailuresOf(new() { [$"{prefix}{name}"] = "x", [$"{prefix}{name}:x"] = "y" }).Any(failure => failure.StartsWith($"{prefix}{name} is not known", StringComparison.Ordinal)));

        unknown.Should().BeEmpty();
    }

    [Fact]
    public async Task Start_fails_and_names_the_path_of_each_setting_that_cannot_be_read()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Memory:Agents:bot:HistoryLimit"] = "many",
            ["Memory:Agents:bot:TokenLimt"] = "8000",
            ["Memory:Agents:bot:Mode"] = "Private",
            ["Memory:Agents:bot:OnBusy"] = "-1",
            ["Memory:Agents:bot:PromptTimeZone"] = "Europe/Atlantis",
            ["Memory:Agents:bot:TokenCounter"] = "exact",
            ["Memory:Agents:bot:ChannelModes:schedule"] = "7",
            ["Memory:Prices:gpt-5:InputPerMillion"] = "1",
            ["Memory:Projekt"] = "shop",
        });
        builder.Services.AddConversations(builder.Configuration.GetSection("Memory")).UseInMemory();
        using var host = builder.Build();

        var starting = () => host.StartAsync(Cancellation);

        (await starting.Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Order(StringComparer.Ordinal).Should().SatisfyRespectively(
            failure => failure.Should().Be("Memory:Agents:bot:ChannelModes:schedule is none of PerUser, Shared, Stateless."),
            failure => failure.Should().Be("Memory:Agents:bot:HistoryLimit cannot be read as Int32."),
            failure => failure.Should().Be("Memory:Agents:bot:Mode is none of PerUser, Shared, Stateless."),
            failure => failure.Should().Be("Memory:Agents:bot:OnBusy is not 'Reject', or the time to wait, such as '00:00:30'."),
            failure => failure.Should().Be("Memory:Agents:bot:PromptTimeZone is not a time zone of this machine."),
            failure => failure.Should().Be("Memory:Agents:bot:TokenCounter is an object, which a configuration cannot create. Set it in code."),
            failure => failure.Should().StartWith("Memory:Agents:bot:TokenLimt is not known. Known are: ChannelModes, FailedInputs, "),
            failure => failure.Should().Be("Memory:Prices:gpt-5:OutputPerMillion is missing."),
            failure => failure.Should().StartWith("Memory:Projekt is not known. Known are: AgentOptionsLifetime, Agents, Limits, "));
    }

    [Fact]
    public void Value_of_the_configuration_overrides_that_of_code()
    {
        var services = new ServiceCollection();
        services.AddConversations(
            Json("""{ "Agents": { "bot": { "TokenLimit": 500 } }, "Prices": { "m": { "InputPerMillion": 3, "OutputPerMillion": 4 } } }"""),
            options => options.AddPrice("m", 1, 2).AddAgent("bot", bot => (bot.TokenLimit, bot.HistoryLimit) = (100, 7))).UseInMemory();
        using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptions<ConversationOptions>>().Value;

        (options.Agents["bot"].TokenLimit, options.Agents["bot"].HistoryLimit).Should().Be((500, 7));
        options.Prices["m"].Should().Be(new ModelPrice(3, 4));
    }

    [Fact]
    public void Empty_list_sets_no_field()
    {
        Bound("""{ "Agents": { "bot": { "PartitionBy": [] } } }""").Agents["bot"].PartitionBy.Should().BeEmpty();
    }

    [Fact]
    public void Name_that_no_agent_can_have_is_a_failure_with_its_path()
    {
        FailuresOf(new() { ["Agents: :HistoryLimit"] = "1" }).Should().ContainSingle().Which.Should().StartWith("Agents: : ");
    }

    private static ConversationOptions Bound(string json)
    {
        var services = new ServiceCollection();
        services.AddConversations(Json(json)).UseInMemory();
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<ConversationOptions>>().Value;
    }

    private static IEnumerable<string> FailuresOf(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddConversations(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).UseInMemory();
        using var provider = services.BuildServiceProvider();
        try
        {
            _ = provider.GetRequiredService<IOptions<ConversationOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return exception.Failures;
        }
    }

    private static IConfiguration Json(string json) => new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
}
