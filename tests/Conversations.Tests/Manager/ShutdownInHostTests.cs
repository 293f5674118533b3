using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Conversations.Tests.Manager;

/// <summary>What becomes of open turns when a service container is disposed or a host stops.</summary>
public sealed class ShutdownInHostTests : ShutdownTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_of_provider_records_open_runs_before_it_disposes_store(bool isAsynchronous)
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent(Bot)).Services.AddSingleton<IConversationStore>(_ => new UndisposedStore(Store));
        var provider = services.BuildServiceProvider();
        var running = Mine(provider.GetRequiredService<ConversationManager>()).RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await Running.Task;

        if (isAsynchronous)
            await provider.DisposeAsync();
        else
            await Task.Run(provider.Dispose, Cancellation);

        await running.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Stop_of_host_cancels_agents_before_its_services_stop()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent(Bot)).Services.AddSingleton<IConversationStore>(_ => new UndisposedStore(Store));
        Task<TurnResult>? running = null;
        builder.Services.AddHostedService(provider => new Server(() => running!));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);
        running = Mine(host.Services.GetRequiredService<ConversationManager>()).RunTurnAsync(Bot, "hello", ObedientAsync, Cancellation);
        await Running.Task;

        await host.StopAsync(Cancellation);

        await Mine(host.Services.GetRequiredService<ConversationManager>()).Awaiting(mine => mine.RunTurnAsync(Bot, "late", Say("hi"), Cancellation)).Should().ThrowAsync<OperationCanceledException>();
        running.IsCompleted.Should().BeTrue("the server waits for its requests, and the agents are cancelled first");
        (await LastAsync()).Should().Be((RunStatus.Cancelled, "hello|half"));
    }

    [Fact]
    public async Task Stop_of_host_that_used_no_manager_creates_none()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddConversations(options => options.AddAgent(Bot)).Services.AddSingleton<IConversationStore>(_ => throw new InvalidOperationException("not needed"));
        using var host = builder.Build();
        await host.StartAsync(Cancellation);

        var stopping = () => host.StopAsync(Cancellation);

        await stopping.Should().NotThrowAsync();
    }

    /// <summary>A store that outlives the provider, so that the test can read it, and refuses what comes after the provider has disposed it.</summary>
    private sealed class UndisposedStore(IConversationStore inner) : IConversationStore
    {
        private bool _isDisposed;

        public ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default) => Inner.LoadAsync(lookup, cancellationToken);

        public ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) => Inner.TryWriteAsync(batch, cancellationToken);

        public ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default) => Inner.ReadMessagesAsync(range, cancellationToken);

        public ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default) => Inner.ReadRunsAsync(range, cancellationToken);

        public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default) => Inner.ListConversationsAsync(listing, cancellationToken);

        public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default) => Inner.DeleteConversationAsync(conversationId, access, cancellationToken);

        public ValueTask PingAsync(CancellationToken cancellationToken = default) => Inner.PingAsync(cancellationToken);

        public T? GetFeature<T>()
            where T : class => null;

        public void Dispose() => _isDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private IConversationStore Inner => _isDisposed ? throw new ObjectDisposedException(nameof(UndisposedStore)) : inner;
    }

    /// <summary>A server that stops when its request has ended.</summary>
    private sealed class Server(Func<Task> requestOf) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public async Task StopAsync(CancellationToken cancellationToken) => await Task.WhenAny(requestOf());
    }
}
