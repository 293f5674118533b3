using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>What feedback on messages writes.</summary>
public sealed class FeedbackRulesTests
{
    private static readonly ConversationAccess Host = new(ConversationScope.DefaultProject, audiences: null);

    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private static readonly FeedbackCommand Command = new() { ConversationId = "conv_a", Access = Host, Position = 2, Caller = "ann", Rating = 1, Comment = "good" };

    private static ConversationState State => new()
    {
        Now = Now,
        Conversation = new StoredConversation
        {
            Version = 7,
            Conversation = new Conversation { Id = "conv_a", SessionId = "chat:ann:bot", Project = ConversationScope.DefaultProject, Agent = "bot", Status = ConversationStatus.Ended, CreatedAt = Now, LastActivityAt = Now },
        },
    };

    [Fact, TurnRule("2.10")]
    public void Feedback_is_written_with_the_time_of_the_store_beside_an_unchanged_conversation()
    {
        var (outcome, batch) = TurnRules.GiveFeedback(Command, State, exists: true);

        outcome.Should().Be(new MessageFeedback { ConversationId = "conv_a", Position = 2, Caller = "ann", Rating = 1, Comment = "good", GivenAt = Now });
        batch!.Durability.Should().Be(WriteDurability.Disk);
        batch.PointerChange.Should().BeNull();
        var write = batch.Conversations.Should().ContainSingle().Subject;
        write.Conversation.Should().Be(State.Conversation);
        write.Feedback.Should().Equal(new FeedbackChange(outcome!));
        write.Messages.Should().BeEmpty();
    }

    [Fact, TurnRule("2.10")]
    public void Feedback_on_what_does_not_exist_writes_nothing()
    {
        TurnRules.GiveFeedback(Command, State, exists: false).Should().Be(Decision.Nothing<MessageFeedback?>(null));
        TurnRules.GiveFeedback(Command, new ConversationState { Now = Now }, exists: true).Should().Be(Decision.Nothing<MessageFeedback?>(null));
    }

    [Fact, TurnRule("2.10")]
    public void Removal_writes_only_if_there_is_feedback()
    {
        var given = TurnRules.GiveFeedback(Command, State, exists: true).Outcome!;

        var (removed, batch) = TurnRules.RemoveFeedback(Host, State, given);

        removed.Should().BeTrue();
        batch!.Conversations.Should().ContainSingle().Which.Feedback.Should().Equal(new FeedbackChange(2, "ann"));
        TurnRules.RemoveFeedback(Host, State, given: null).Should().Be(Decision.Nothing(false));
        TurnRules.RemoveFeedback(Host, new ConversationState { Now = Now }, given).Should().Be(Decision.Nothing(false));
    }
}
