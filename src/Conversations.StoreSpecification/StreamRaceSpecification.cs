using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: streams that are appended to, read, taken over and interrupted at the same time.</summary>
public abstract class StreamRaceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Runners = 8;

    // One round may go well by chance.
    private const int Rounds = 20;

    private protected override TimeProvider StoreClock => new DawdlingClock(Time);

    [Fact, Rule("20.1", "20.3", "4.4")]
    public async Task Append_while_another_takes_over_is_in_what_is_left_or_refused()
    {
        var streams = StreamCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var (lost, segments) = await LoseAsync(round, "one|two");
            var appender = round % 2;

            var done = await RaceAsync(2, async runner => runner == appender
                ? await streams.AppendSegmentsAsync(StreamCommands.Append(lost, segments[1]))
                : await Store.BeginTurnAsync(Turn(ScopeOf($"user_{round}"))) is TurnBegun);

            done[1 - appender].Should().BeTrue();
            (await TextsAsync(lost.ConversationId)).Should().Equal("hello", done[appender] ? "onetwo" : "one", "hello");
        }
    }

    [Fact, Rule("20.6", "20.3")]
    public async Task Interrupt_by_many_while_another_takes_over_happens_once()
    {
        var streams = StreamCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var (lost, _) = await LoseAsync(round, "one|two");

            var done = await RaceAsync(Runners, async runner => runner == round % Runners
                ? await Store.BeginTurnAsync(Turn(ScopeOf($"user_{round}"))) is TurnBegun
                : await streams.InterruptRunAsync(lost.ConversationId, lost.Fence, Host));

            done[round % Runners].Should().BeTrue();
            done.Count(success => success).Should().BeLessThanOrEqualTo(2);
            (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "one", "hello");
            (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputPosition == 2 && run.OutputCount == 1);
        }
    }

    [Fact, Rule("20.6", "4.4")]
    public async Task Interrupt_while_the_holder_commits_is_done_or_refused()
    {
        var streams = StreamCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var (lost, _) = await LoseAsync(round, "one|two");
            var committer = round % 2;

            var done = await RaceAsync(2, async runner => runner == committer
                ? await CommitAsync(lost, "whole")
                : await streams.InterruptRunAsync(lost.ConversationId, lost.Fence, Host));

            done.Should().ContainSingle(success => success);
            (await TextsAsync(lost.ConversationId)).Should().Equal("hello", done[committer] ? "whole" : "one");
            (await RunOfAsync(lost)).Status.Should().Be(done[committer] ? RunStatus.Completed : RunStatus.Interrupted);
        }
    }

    [Fact, Rule("20.1")]
    public async Task Append_of_the_same_by_many_keeps_each_segment_once()
    {
        var streams = StreamCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var (lease, segments) = await LoseAsync(round, "a|b|c|d");

            var appended = await RaceAsync(Runners, async _ => await streams.AppendSegmentsAsync(StreamCommands.Append(lease, segments)));

            appended.Should().OnlyContain(success => success);
            (await streams.ReadStreamAsync(StreamCommands.All(lease, Host)))!.Segments.Should().Equal(segments);
        }
    }

    [Fact, Rule("20.2", "3.4")]
    public async Task Read_while_a_run_streams_and_ends_finds_run_and_segments_of_one_moment()
    {
        var streams = StreamCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var (lease, segments) = await LoseAsync(round, "a|b|c|d|e");
            var writer = round % 2;
            var reads = new List<StreamRead>();

            await RaceAsync(2, async runner =>
            {
                if (runner == writer)
                {
                    foreach (var pair in segments.Skip(1).Chunk(2))
                        await streams.AppendSegmentsAsync(StreamCommands.Append(lease, pair));
                    return await CommitAsync(lease, "abcde");
                }

                do
                    reads.Add((await streams.ReadStreamAsync(StreamCommands.All(lease, Host)))!);
                while (reads[^1].Run.Status == RunStatus.Running);
                return true;
            });

            reads[^1].Segments.Should().Equal(segments, "it had streamed all when it ended");
            foreach (var read in reads)
                read.Segments.Should().Equal(segments.Take(read.Segments.Count)).And.Match<IReadOnlyList<StreamSegment>>(found => found.Count % 2 == 1);
        }
    }

    /// <summary>Begins a turn that has streamed the first of some segments, and lets its lease expire.</summary>
    private async Task<(TurnLease Lease, IReadOnlyList<StreamSegment> Segments)> LoseAsync(int round, string message)
    {
        var lease = (await BeginAsync(Turn(ScopeOf($"user_{round}")))).Lease;
        var segments = StreamCommands.Cut(Time.GetUtcNow(), message);
        (await StreamCommands.FeatureOf(Store).AppendSegmentsAsync(StreamCommands.Append(lease, segments[0]))).Should().BeTrue();
        Time.Advance(LeaseDuration);
        return (lease, segments);
    }
}
