using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>A request with an idempotency key that failed costs the same, however many runs came since.</summary>
public class RetryCostRulesTests : RulesTest
{
    private CountingStore _store = null!;

    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider) => new(_store = new CountingStore(new InMemoryConversationStore(timeProvider)));

    [Theory, TurnRule("3.5")]
    [InlineData(5)]
    [InlineData(2_000)]
    public async Task Begin_of_a_retry_reads_the_same_however_many_runs_came_since(int runs)
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        await ConverseAsync(runs);
        var (loads, reads, read) = (_store.Loads, _store.Reads, _store.Read);

        var again = await BeginAsync(Keyed());

        again.IsOnExistingInput.Should().BeTrue();
        (_store.Loads - loads, _store.Reads - reads, _store.Read - read).Should().Be((1, 2, 1), "the input is read, and no run is");
    }

    [Theory, TurnRule("3.5")]
    [InlineData(5)]
    [InlineData(2_000)]
    public async Task Begin_of_a_replay_reads_the_same_however_many_runs_came_since(int runs)
    {
        var failed = await AbandonAsync(Keyed(), RunStatus.Failed);
        var answer = await AnswerAgainAsync(failed.Lease.ConversationId, input: 1, "answer");
        await ConverseAsync(runs);
        await AbandonAsync(Again(failed.Lease.ConversationId, 3), RunStatus.Failed);
        var (loads, reads, read) = (_store.Loads, _store.Reads, _store.Read);

        var again = await Store.BeginTurnAsync(Keyed());

        again.Should().Be(new TurnCompletedBefore(await RunOfAsync(answer)));
        (_store.Loads - loads, _store.Reads - reads - 1, _store.Read - read - 1).Should().Be((1, 2, 2), "the input and the run that answered it are read; the test itself reads a run");
    }
}
