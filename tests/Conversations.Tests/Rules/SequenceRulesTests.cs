using Conversations.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Rules;

/// <summary>What holds after any sequence of operations. The seed is fixed, so that a failure can be repeated.</summary>
public class SequenceRulesTests
{
    private static readonly Config Sequences = Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(20261130, 7).WithQuietOnSuccess(true);

    [Fact, TurnRule("9.1")]
    public void Sequence_has_same_outcomes_when_each_commit_loads() => Check(async seed =>
    {
        var (known, loaded) = (await new RandomOperations(seed, forgets: false).RunAsync(), await new RandomOperations(seed, forgets: true).RunAsync());

        loaded.Outcomes.Should().Equal(known.Outcomes);
    });

    [Fact, TurnRule("9.1")]
    public void Sequence_leaves_same_conversations_when_each_commit_loads() => Check(async seed =>
    {
        var (known, loaded) = (await new RandomOperations(seed, forgets: false).RunAsync(), await new RandomOperations(seed, forgets: true).RunAsync());

        loaded.State.Select(state => state.Conversation).Should().Equal(known.State.Select(state => state.Conversation));
    });

    [Fact, TurnRule("5.1", "7.1")]
    public void MessageCount_is_number_of_messages() => CheckState(state => state.Conversation.Conversation.MessageCount.Should().Be(state.Messages.Count));

    [Fact, TurnRule("5.2")]
    public void LastMessageAt_is_time_of_newest_message() =>
        CheckState(state => state.Conversation.Conversation.LastMessageAt.Should().Be(state.Messages is [.., var last] ? last.CreatedAt : null));

    [Fact, TurnRule("1.1")]
    public void Runs_are_numbered_from_1_without_gaps() =>
        CheckState(state => state.Runs.Reverse().Select(run => run.Run.Number).Should().Equal(Enumerable.Range(1, (int)state.Conversation.LastRun).Select(number => (long)number)));

    [Fact, TurnRule("1.1", "1.3")]
    public void Only_last_run_is_open() =>
        CheckState(state => state.Runs.Skip(1).Should().NotContain(run => run.Run.Status == RunStatus.Running));

    [Fact, TurnRule("4.2", "6.3")]
    public void Output_of_each_run_is_the_messages_with_its_number_after_its_input() => CheckState(state =>
    {
        foreach (var run in state.Runs.Select(run => run.Run))
        {
            var output = state.Messages.Where(message => message.RunNumber == run.Number && message.Position >= run.OutputPosition && run.OutputCount > 0).Select(message => message.Position);
            output.Should().BeSubsetOf(Enumerable.Range(0, run.OutputCount).Select(index => run.OutputPosition + index));
        }
    });

    [Fact, TurnRule("3.1", "3.5", "3.6")]
    public void Each_key_belongs_to_one_run() => Check(async seed =>
    {
        var done = await new RandomOperations(seed, forgets: false).RunAsync();

        done.State.SelectMany(state => state.Runs).Select(run => run.Run.IdempotencyKey).OfType<string>().Should().OnlyHaveUniqueItems();
    });

    [Fact, TurnRule("5.5", "4.3", "4.4")]
    public void Run_is_superseded_by_last_other_run_that_superseded_a_message_of_it() => Check(async seed =>
    {
        var done = await new RandomOperations(seed, forgets: false).RunAsync();

        // A deleted message still counts for its run, and can no longer be seen.
        foreach (var (_, messages, runs) in done.State.Where(state => !done.HasDeletions(state.Conversation.Conversation.Id)))
        {
            var expected = runs.Select(run => messages.Where(message => message.RunNumber == run.Run.Number && message.SupersededBy != run.Run.Number).Max(message => message.SupersededBy));
            runs.Select(run => run.Run.SupersededBy).Should().Equal(expected);
        }
    });

    private static void CheckState(Action<(StoredConversation Conversation, IReadOnlyList<StoredMessage> Messages, IReadOnlyList<StoredRun> Runs)> check) => Check(async seed =>
    {
        foreach (var state in (await new RandomOperations(seed, forgets: false).RunAsync()).State)
            check(state);
    });

    private static void Check(Func<int, Task> property) => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => property(seed)).Check(Sequences);
}
