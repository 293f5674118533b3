namespace Conversations.Tests.Model;

public sealed class ConversationTests
{
    [Fact]
    public void ToString_has_id_session_and_status_and_neither_title_nor_metadata()
    {
        var conversation = new Conversation
        {
            Id = "conv_a",
            SessionId = "chat:user_123:support-bot",
            Project = "default",
            Agent = "support-bot",
            Title = "secret-title",
            Metadata = """{"secret":1}""",
            CreatedAt = DateTimeOffset.UnixEpoch,
            LastActivityAt = DateTimeOffset.UnixEpoch,
        };

        var text = conversation.ToString();

        text.Should().Be("Conversation { conv_a chat:user_123:support-bot Active }");
    }
}
