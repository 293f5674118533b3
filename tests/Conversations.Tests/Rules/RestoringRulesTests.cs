using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>What restoring supersedes in turn, on runs and inputs that are made by hand.</summary>
public class RestoringRulesTests
{
    private const long Number = 9;

    [Theory, TurnRule("4.14")]
    [InlineData(null, null)]
    [InlineData(6L, null)]
    [InlineData(null, 2L)]
    public void Restoring_begins_at_the_answer_when_the_run_superseded_only_what_follows_its_input(long? from, long? replaced)
    {
        var rule = RuleOf(from, replaced, Input(5));

        rule.Should().Be(new RestoreRule { IsFromAnswer = true });
    }

    [Theory, TurnRule("4.14")]
    [InlineData(2)]
    [InlineData(5)]
    public void Restoring_begins_where_the_run_began_when_that_is_at_its_input_or_before(long from)
    {
        var rule = RuleOf(from, replaced: null, Input(5));

        rule.Should().Be(new RestoreRule { From = from });
    }

    [Theory, TurnRule("4.14")]
    [InlineData(2L, null)]
    [InlineData(null, 2L)]
    [InlineData(2L, 3L)]
    public void Restoring_takes_the_place_of_a_message_that_must_be_current_when_the_run_superseded_its_input(long? from, long? replaced)
    {
        var rule = RuleOf(from, replaced, Input(5, by: Number));

        rule.Should().Be(new RestoreRule { From = 2, MustBeCurrent = 2 });
    }

    [Fact, TurnRule("4.15")]
    public void Restoring_of_a_single_message_supersedes_nothing()
    {
        RuleOf(from: null, replaced: null, Input(5, by: Number)).Should().Be(new RestoreRule());
    }

    [Fact, TurnRule("4.14")]
    public void Restoring_is_refused_when_another_run_superseded_the_input()
    {
        RuleOf(from: 2, replaced: 2, Input(5, by: Number), Input(6, by: 4)).MustBeRestoredFirst.Should().Be("msg_conv_6");
    }

    private static RestoreRule RuleOf(long? from, long? replaced, params StoredMessage[] input)
    {
        var run = new ConversationRun { ConversationId = "conv", Number = Number, Status = RunStatus.Completed, InputPosition = 5, InputCount = input.Length, ReplacedPosition = replaced, StartedAt = default };
        return TurnRules.RestoreRuleOf(new StoredRun { Run = run, SupersededFrom = from }, input);
    }

    private static StoredMessage Input(long position, long? by = null) =>
        new(ConversationMessage.User("text")) { ConversationId = "conv", Position = position, RunNumber = 1, SupersededBy = by };
}
