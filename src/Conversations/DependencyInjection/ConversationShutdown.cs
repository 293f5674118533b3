using Microsoft.Extensions.Hosting;

namespace Conversations;

/// <summary>Closes the manager when the host stops. Agents are cancelled before the host's services stop, because a server waits for its open requests, and these wait for agents.</summary>
internal sealed class ConversationShutdown : IHostedLifecycleService
{
    /// <summary>Gets or sets the manager; null if the host has not used it.</summary>
    public ConversationManager? Manager { get; set; }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        // It is awaited later, so that servers stop to accept requests meanwhile.
        _ = Manager?.CloseAsync(isDisposed: false);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Manager?.CloseAsync(isDisposed: false).WaitAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
