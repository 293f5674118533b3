namespace Conversations.Tests.Rules;

/// <summary>Runs that stream, are taken over, interrupted and committed at the same time.</summary>
public class StreamRaceRulesTests : RulesTest
{
    private const int Runners = 8;

    // One round can succeed by chance.
    private const int Rounds = 20;

    [Fact, TurnRule("6.1", "6.3", "1.4")]
    public async Task Append_while_another_takes_over_is_kept_or_refused()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (lost, pieces) = await LoseAsync(round, "one|two");
            var appender = round % 2;

            var done = await RaceAsync(2, async runner => runner == appender
                ? await Store.AppendSegmentsAsync(lost, pieces[1])
                : await Store.BeginTurnAsync(Turn(ScopeOf($"user_{round}"))) is TurnBegun);

            done[1 - appender].Should().BeTrue();
            (await TextsAsync(lost.ConversationId)).Should().Equal("hello", done[appender] ? "onetwo" : "one", "hello");
        }
    }

    [Fact, TurnRule("1.7", "6.3")]
    public async Task Interrupt_by_many_while_another_takes_over_appends_once()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (lost, _) = await LoseAsync(round, "one|two");

            var done = await RaceAsync(Runners, async runner => runner == round % Runners
                ? await Store.BeginTurnAsync(Turn(ScopeOf($"user_{round}"))) is TurnBegun
                : await Store.InterruptAsync(lost));

            done[round % Runners].Should().BeTrue();
            done.Count(success => success).Should().BeLessThanOrEqualTo(2);
            (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "one", "hello");
            (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputPosition == 2 && run.OutputCount == 1);
        }
    }

    [Fact, TurnRule("1.7", "1.4")]
    public async Task Interrupt_while_holder_commits_succeeds_or_is_refused()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (lost, _) = await LoseAsync(round, "one|two");
            var committer = round % 2;

            var done = await RaceAsync(2, async runner => runner == committer ? await CommitAsync(lost, "whole") : await Store.InterruptAsync(lost));

            done.Should().ContainSingle(success => success);
            (await TextsAsync(lost.ConversationId)).Should().Equal("hello", done[committer] ? "whole" : "one");
            (await RunOfAsync(lost)).Status.Should().Be(done[committer] ? RunStatus.Completed : RunStatus.Interrupted);
        }
    }

    /// <summary>Begins a turn that has streamed the first of some pieces, and lets its lease expire.</summary>
    private async Task<(TurnLease Lease, IReadOnlyList<Piece> Pieces)> LoseAsync(int round, string message)
    {
        var lease = (await BeginAsync(Turn(ScopeOf($"user_{round}")))).Lease;
        var pieces = Piece.Cut(Time.GetUtcNow(), message);
        (await Store.AppendSegmentsAsync(lease, pieces[0])).Should().BeTrue();
        Time.Advance(LeaseDuration);
        return (lease, pieces);
    }
}
