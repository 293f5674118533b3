namespace Conversations.Tests.Manager;

/// <summary>The limit on the turns that wait for one conversation. A turn over a store in memory waits when the call returns.</summary>
public sealed class WaitingLimitTests : ManagerTest<InMemory>
{
    [Fact]
    public async Task Turn_is_refused_when_as_many_wait_as_may()
    {
        var options = Options();
        options.Limits.MaxWaitingTurns = 2;
        var mine = new ConversationManager(Store, options, Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));
        var holder = await mine.BeginTurnAsync(new TurnRequest("patient-bot", "first"), Cancellation);
        var waiting = Enumerable.Range(0, 2).Select(number => mine.RunTurnAsync("patient-bot", $"waiting {number}", Say("hi"), Cancellation)).ToList();

        var further = () => mine.RunTurnAsync("patient-bot", "further", Say("hi"), Cancellation);

        await further.Should().ThrowAsync<ConversationLockedException>();
        await holder.CommitAsync(Cancellation);
        await Task.WhenAll(waiting);
        (await TextsAsync(holder.ConversationId)).Should().HaveCount(5).And.NotContain("further");
    }
}
