using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Conversations.Tests.DependencyInjection;

public sealed class AddConversationsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddConversations_with_a_store_registers_one_manager_that_works()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("a")).UseInMemory();
        services.AddConversations(options => options.AddAgent("b"));
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var manager = provider.GetRequiredService<ConversationManager>();

        provider.GetRequiredService<ConversationManager>().Should().BeSameAs(manager);
        foreach (var agent in new[] { "a", "b" })
            (await manager.ForIdentity(ConversationIdentity.ForUser("ann")).CreateAsync(agent, cancellationToken: Cancellation)).Agent.Should().Be(agent);
    }

    [Fact]
    public async Task AddConversations_registers_one_maintenance_of_the_same_store_and_project()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("a").Project = "mine").UseInMemory();
        await using var provider = services.BuildServiceProvider(validateScopes: true);
        await Mine(provider).RunTurnAsync("a", "hello", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.Assistant("hi"))), Cancellation);

        var maintenance = provider.GetRequiredService<ConversationMaintenance>();

        provider.GetRequiredService<ConversationMaintenance>().Should().BeSameAs(maintenance);
        (await maintenance.GetUsageAsync(cancellationToken: Cancellation)).Totals.Runs.Should().Be(1);
    }

    [Fact]
    public void AddConversations_without_a_store_throws_when_the_manager_is_resolved()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("a"));
        using var provider = services.BuildServiceProvider();

        var asking = provider.GetRequiredService<ConversationManager>;

        asking.Should().Throw<InvalidOperationException>().WithMessage("No store was chosen*UseSqlite*UseInMemory*");
    }

    [Fact]
    public async Task AddConversations_without_a_store_fails_at_start_up()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent("a"));
        using var host = builder.Build();

        var starting = () => host.StartAsync(Cancellation);

        await starting.Should().ThrowAsync<OptionsValidationException>().WithMessage("*No store was chosen*");
    }

    [Fact]
    public async Task AddConversations_with_wrong_options_fails_at_start_up_and_names_each()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options =>
        {
            options.Project = " ";
            options.AgentOptionsLifetime = TimeSpan.FromDays(2);
            options.AddAgent("a", agent =>
            {
                agent.HistoryLimit = 0;
                agent.LeaseDuration = TimeSpan.Zero;
                agent.PartitionBy = [""];
                agent.Mode = (PersistenceMode)7;
                agent.TokenLimit = 0;
                agent.TokenCounter = null!;
                agent.SummaryThreshold = 0;
                agent.SummaryTimeout = TimeSpan.Zero;
            });
            options.AddAgent("b", agent => (agent.SystemPrompt, agent.TokenLimit) = (new string('x', 4_000), 100));
            options.AddPrice("c", inputPerMillion: -1, outputPerMillion: 1).AddPrice("d", 1, 1_000_000_001).AddPrice("e", 1, 1, cachedInputPerMillion: -1);
        }).UseInMemory();
        using var host = builder.Build();

        var starting = () => host.StartAsync(Cancellation);

        (await starting.Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should().HaveCount(14);
    }

    [Fact]
    public async Task UseAgentOptions_finds_agents_that_were_not_added()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("added")).UseInMemory().UseAgentOptions<FoundAgents>();
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        (await Mine(provider).CreateAsync("found", cancellationToken: Cancellation)).Agent.Should().Be("found");
        (await Mine(provider).CreateAsync("added", cancellationToken: Cancellation)).Agent.Should().Be("added");
        await FluentActions.Awaiting(() => Mine(provider).CreateAsync("another", cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task UseSqlite_keeps_conversations_from_one_provider_to_the_next()
    {
        var folder = Directory.CreateTempSubdirectory("conversations-");
        try
        {
            var file = Path.Combine(folder.FullName, "test.db");
            await using (var first = Provider(file))
                await Mine(first).CreateAsync("a", title: "Kept", cancellationToken: Cancellation);

            await using var second = Provider(file);

            (await Mine(second).GetCurrentAsync("a", cancellationToken: Cancellation))!.Title.Should().Be("Kept");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void UseInMemory_after_another_store_replaces_it()
    {
        var services = new ServiceCollection();
        services.AddConversations().UseSqlite("Data Source=never-opened.db").UseInMemory();
        using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IConversationStore>().Should().BeOfType<InMemoryConversationStore>();
    }

    [Fact]
    public void Manager_with_wrong_options_is_refused()
    {
        using var store = new InMemoryConversationStore();

        var making = () => new ConversationManager(store, new ConversationOptions { Project = "" });

        making.Should().Throw<ArgumentException>().WithParameterName("options").WithMessage("Project is empty*");
    }

    [Fact]
    public void Maintenance_with_wrong_options_is_refused()
    {
        using var store = new InMemoryConversationStore();

        var making = () => new ConversationMaintenance(store, new ConversationOptions().AddPrice("model", -1, 1));

        making.Should().Throw<ArgumentException>().WithParameterName("options").WithMessage("A price of model 'model' is not from 0 to a billion*");
    }

    [Fact]
    public void AddPrice_twice_is_refused()
    {
        var options = new ConversationOptions().AddPrice("model", 1, 1);

        options.Invoking(twice => twice.AddPrice("model", 2, 2)).Should().Throw<ArgumentException>().WithParameterName("model");
    }

    [Fact]
    public void AddAgent_twice_is_refused()
    {
        var options = new ConversationOptions().AddAgent("a");

        options.Invoking(twice => twice.AddAgent("a")).Should().Throw<ArgumentException>().WithParameterName("name");
    }

    private static ServiceProvider Provider(string file)
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("a")).UseSqlite($"Data Source={file}");
        return services.BuildServiceProvider();
    }

    private static ScopedConversations Mine(ServiceProvider provider) =>
        provider.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ann"));

    private sealed class FoundAgents : IAgentOptionsProvider
    {
        public ValueTask<AgentOptions?> FindAsync(string agent, CancellationToken cancellationToken = default) => new(agent == "found" ? new AgentOptions() : null);
    }
}
