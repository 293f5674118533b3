using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Conversations;

/// <summary>Closes the managers when the host stops. Agents are cancelled before the host's services stop, because a server waits for its open requests, and these wait for agents.</summary>
internal sealed class ConversationShutdown : IHostedLifecycleService
{
    private readonly ConcurrentBag<ConversationManager> _managers = [];

    /// <summary>Adds a manager, when the host first uses it.</summary>
    public ConversationManager Add(ConversationManager manager)
    {
        _managers.Add(manager);
        return manager;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // It is awaited later, so that servers stop to accept requests meanwhile.
        _ = CloseAsync();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => CloseAsync().WaitAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task CloseAsync() => Task.WhenAll(_managers.Select(static manager => manager.CloseAsync(isDisposed: false)));
}
