using Conversations.StoreSpecification;

namespace Conversations.Tests.Turns;

/// <summary>Background work of an agent that has returned, while its turn still commits.</summary>
public sealed class LeftBehindTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunTurn_of_background_work_waits_for_the_commit_of_its_turn()
    {
        var time = new ManualTimeProvider();
        await using var store = new FaultyStore(new InMemoryConversationStore(time));
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot"), time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var request = new TurnRequest("bot", "left behind") { OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(5)) };
        ExecutionContext? context = null;
        Task<TurnResult>? left = null;
        store.OnCommit = _ =>
        {
            store.OnCommit = null;
            ExecutionContext.Run(context!, _ => left = alice.RunTurnAsync(request, (_, _) => Task.CompletedTask, Cancellation), null);
            return Task.CompletedTask;
        };

        var result = await alice.RunTurnAsync("bot", "outer", (_, _) =>
        {
            context = ExecutionContext.Capture();
            return Task.CompletedTask;
        }, Cancellation);

        (await left!).ConversationId.Should().Be(result.ConversationId);
    }
}
