using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Conversations.Tests.DependencyInjection;

/// <summary>Managers beside each other, each with a store, and the choice of a store.</summary>
public sealed class KeyedConversationsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Managers_of_different_keys_have_options_and_stores_of_their_own()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        services.AddKeyedConversations("support", options => options.AddAgent("helper").Project = "support").UseInMemory();
        services.AddKeyedConversations("sales", options => options.AddAgent("seller")).UseInMemory();
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        foreach (var (manager, agent) in new[] { (Of<ConversationManager>(provider, null), "bot"), (Of<ConversationManager>(provider, "support"), "helper"), (Of<ConversationManager>(provider, "sales"), "seller") })
            await manager.ForIdentity(ConversationIdentity.ForUser("ann")).RunTurnAsync(agent, "hello", (_, _) => Task.FromResult("hi"), Cancellation);

        foreach (var key in new[] { null, "support", "sales" })
            (await Of<ConversationMaintenance>(provider, key).GetUsageAsync(cancellationToken: Cancellation)).Totals.Runs.Should().Be(1);
        Of<ConversationManager>(provider, "support").Should().BeSameAs(Of<ConversationManager>(provider, "support")).And.NotBeSameAs(Of<ConversationManager>(provider, "sales"));
    }

    [Fact]
    public async Task Start_fails_when_a_manager_has_no_store_although_another_has()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        builder.Services.AddKeyedConversations("support", options => options.AddAgent("helper"));
        using var host = builder.Build();

        var starting = () => host.StartAsync(Cancellation);

        (await starting.Should().ThrowAsync<OptionsValidationException>().WithMessage("*No store was chosen*")).Which.OptionsName.Should().Be("support");
    }

    [Fact]
    public async Task Stop_of_the_host_closes_every_manager()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        builder.Services.AddKeyedConversations("support", options => options.AddAgent("bot")).UseInMemory();
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        var turns = new List<ConversationTurn>();
        foreach (var key in new[] { null, "support" })
            turns.Add(await Of<ConversationManager>(host.Services, key).ForIdentity(ConversationIdentity.ForUser("ann")).BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation));

        await host.StopAsync(Cancellation);

        turns.Should().OnlyContain(turn => turn.Stopping.IsCancellationRequested);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Selection_of_several_stores_uses_the_last_and_logs_a_warning(int stores, bool isLogged)
    {
        using var log = new ListLoggerProvider();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log));
        var builder = services.AddConversations(options => options.AddAgent("bot"));
        var last = new InMemoryConversationStore();
        if (stores == 2)
            builder.UseSqlite("Data Source=never-opened.db");
        builder.UseStore(_ => last);
        // Another manager's store is none of this one.
        services.AddKeyedConversations("other", options => options.AddAgent("bot")).UseInMemory();
        using var provider = services.BuildServiceProvider();

        _ = provider.GetRequiredService<ConversationManager>();

        provider.GetRequiredService<IConversationStore>().Should().BeSameAs(last);
        log.Messages.Should().Equal(isLogged ? ["2 stores were selected for one manager. The last one is used."] : Array.Empty<string>());
    }

    [Fact]
    public async Task UseAgentOptions_finds_agents_for_the_manager_of_its_key_only()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        services.AddKeyedConversations("support").UseInMemory().UseAgentOptions<AnyAgent>();
        await using var provider = services.BuildServiceProvider(validateScopes: true);

        var found = await Of<ConversationManager>(provider, "support").ForIdentity(ConversationIdentity.ForUser("ann")).CreateAsync("found", cancellationToken: Cancellation);
        var other = () => Of<ConversationManager>(provider, null).ForIdentity(ConversationIdentity.ForUser("ann")).CreateAsync("found", cancellationToken: Cancellation);

        found.Agent.Should().Be("found");
        await other.Should().ThrowAsync<ArgumentException>();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void AddKeyedConversations_is_refused_for_a_blank_key(string key)
    {
        var add = () => new ServiceCollection().AddKeyedConversations(key);

        add.Should().Throw<ArgumentException>().WithParameterName("key");
    }

    private static T Of<T>(IServiceProvider provider, string? key)
        where T : notnull =>
        key is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(key);

    private sealed class AnyAgent : IAgentOptionsProvider
    {
        public ValueTask<AgentOptions?> FindAsync(string agent, CancellationToken cancellationToken = default) => new(new AgentOptions());
    }

    private sealed class ListLoggerProvider : ILoggerProvider, ILogger
    {
        public List<string> Messages { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Messages.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
