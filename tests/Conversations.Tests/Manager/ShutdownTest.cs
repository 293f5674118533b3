namespace Conversations.Tests.Manager;

/// <summary>The base of the tests of shutdowns: agents that run until they are cancelled, and what is stored of their turns.</summary>
public abstract class ShutdownTest : ManagerTest<InMemory>
{
    /// <summary>Gets what an agent completes when it runs.</summary>
    private protected TaskCompletionSource Running { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected static ScopedConversations Mine(ConversationManager manager) => manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private protected static ConversationOptions Impatient(ConversationOptions options)
    {
        options.ShutdownTimeout = TimeSpan.Zero;
        return options;
    }

    private protected static Task NeverAsync(CancellationToken cancellationToken) => new TaskCompletionSource().Task.WaitAsync(cancellationToken);

    private protected async Task ObedientAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant("half"));
        Running.SetResult();
        await NeverAsync(cancellationToken);
    }

    /// <summary>The status of the newest run and all texts of Alice's conversation.</summary>
    private protected async Task<(RunStatus Status, string Texts)> LastAsync()
    {
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;
        var runs = await Alice.GetRunsAsync(id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        return (runs[0].Status, string.Join('|', await TextsAsync(id)));
    }
}
