using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>The agent runs in the synchronization context of its caller, whether the turn had to wait for the store or not.</summary>
public sealed class CallerContextTests
{
    private const string Bot = "support-bot";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunTurn_calls_the_agent_in_the_context_of_its_caller(bool waits)
    {
        var context = new CallerContext();

        var seen = await context.RunAsync(async () =>
        {
            await using var store = new WaitingStore { Waits = waits };
            return await SeenAsync(answer => Mine(store).RunTurnAsync(Bot, "hello", answer));
        });

        seen.Should().BeSameAs(context);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Regenerate_calls_the_agent_in_the_context_of_its_caller(bool waits)
    {
        var context = new CallerContext();

        var seen = await context.RunAsync(async () =>
        {
            await using var store = new WaitingStore { Waits = waits };
            var mine = Mine(store);
            var first = await mine.RunTurnAsync(Bot, "hello", (_, _) => Task.FromResult("hi"));
            return await SeenAsync(answer => mine.RegenerateAsync(first.ReplyMessageId!, answer));
        });

        seen.Should().BeSameAs(context);
    }

    private static ScopedConversations Mine(WaitingStore store) =>
        new ConversationManager(store, new ConversationOptions().AddAgent(Bot)).ForIdentity(ConversationIdentity.ForUser("alice"));

    private static async Task<SynchronizationContext?> SeenAsync(Func<Func<ConversationTurn, CancellationToken, Task<string>>, Task> runAsync)
    {
        SynchronizationContext? seen = null;
        await runAsync((_, _) =>
        {
            seen = SynchronizationContext.Current;
            return Task.FromResult("hi");
        });
        return seen;
    }

    private sealed class WaitingStore() : DelegatingConversationStore(new InMemoryConversationStore())
    {
        public bool Waits { get; init; }

        public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
        {
            if (Waits)
                await Task.Run(() => { }, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return await base.LoadAsync(lookup, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The synchronization context of a caller, like that of a window or a circuit: posted callbacks run in it, on any thread.</summary>
    private sealed class CallerContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ => Run(d, state));

        public Task<T> RunAsync<T>(Func<Task<T>> function)
        {
            var result = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
            Post(_ => result.SetResult(function()), null);
            return result.Task.Unwrap();
        }

        private void Run(SendOrPostCallback callback, object? state)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                callback(state);
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }
}
