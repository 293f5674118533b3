namespace Conversations.Tests.Rules;

/// <summary>Runs of a conversation as applications see them.</summary>
public class RunListingRulesTests : RulesTest
{
    [Fact, TurnRule("5.5")]
    public async Task List_shows_each_run_as_it_is_read_alone()
    {
        TurnBegun[] begun =
        [
            await ExchangeAsync(), await AbandonAsync(Turn(), RunStatus.Failed), await AbandonAsync(Turn(), RunStatus.Cancelled), await ExchangeAsync(),
        ];
        var id = begun[0].Lease.ConversationId;
        var again = await AnswerAgainAsync(id, input: 4, "again");
        var cut = await BeginAsync();
        await Store.CommitTurnAsync(Completion(cut.Lease, "half") with { Status = RunStatus.RequiresAction, FinishReason = LongFinishReason });
        var open = await BeginAsync();

        var runs = await RunsAsync(id);

        runs.Select(run => (run.Number, run.Status)).Should().Equal(
            (open.Lease.RunNumber, RunStatus.Running),
            (cut.Lease.RunNumber, RunStatus.RequiresAction),
            (again.RunNumber, RunStatus.Completed),
            (begun[3].Lease.RunNumber, RunStatus.Superseded),
            (begun[2].Lease.RunNumber, RunStatus.Cancelled),
            (begun[1].Lease.RunNumber, RunStatus.Failed),
            (begun[0].Lease.RunNumber, RunStatus.Completed));
        runs[1].FinishReason.Should().Be(LongFinishReason);
        foreach (var run in runs)
            run.Should().Be(await Store.GetRunAsync(id, run.Number, Host));
    }
}
