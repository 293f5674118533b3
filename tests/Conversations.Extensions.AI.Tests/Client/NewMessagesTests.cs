using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>What of the messages of a request is new: it goes by their ids, never by what they say.</summary>
public sealed class NewMessagesTests : ChatClientTest
{
    [Fact]
    public async Task Messages_that_are_sent_again_are_not_stored_twice()
    {
        List<ChatMessage> transcript = [];
        ChatResponse? response = null;
        foreach (var text in new[] { "yes", "yes", "yes" })
        {
            transcript.Add(User(text));
            response = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
            transcript.AddRange(response.Messages);
        }

        (await StoredTextsAsync(response!.ConversationId)).Should().Equal("User: yes", "Assistant: hi", "User: yes", "Assistant: hi", "User: yes", "Assistant: hi");
        Texts(Model.LastPrompt).Should().Equal("user: yes", "assistant: hi", "user: yes", "assistant: hi", "user: yes");
    }

    [Fact]
    public async Task Streamed_messages_that_are_sent_again_are_not_stored_twice()
    {
        List<ChatMessage> transcript = [];
        string? conversation = null;
        foreach (var text in new[] { "yes", "yes", "no" })
        {
            transcript.Add(User(text));
            var response = await Client.GetStreamingResponseAsync(transcript, cancellationToken: Cancellation).ToChatResponseAsync(Cancellation);
            transcript.AddRange(response.Messages);
            conversation = response.ConversationId;
        }

        (await StoredTextsAsync(conversation)).Should().Equal("User: yes", "Assistant: hi", "User: yes", "Assistant: hi", "User: no", "Assistant: hi");
    }

    [Fact]
    public async Task User_message_with_the_same_text_is_another_message()
    {
        var response = await AskAsync("yes");
        await AskAsync("yes", new ChatOptions { ConversationId = response.ConversationId });

        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: yes", "Assistant: hi", "User: yes", "Assistant: hi");
    }

    [Fact]
    public async Task Messages_of_an_ended_conversation_are_not_stored_in_the_next()
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        transcript.AddRange([.. first.Messages, User("two")]);
        await Manager.EndAsync(first.ConversationId!, Cancellation);

        var second = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);

        second.ConversationId.Should().NotBe(first.ConversationId);
        (await StoredTextsAsync(second.ConversationId)).Should().Equal("User: two", "Assistant: hi");
        second.AdditionalProperties.Should().Contain(ConversationChatProperties.StartReason, "Ended");
    }

    [Fact]
    public async Task Several_messages_of_users_are_stored_in_order()
    {
        var response = await Client.GetResponseAsync([User("one"), User("two")], cancellationToken: Cancellation);

        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: one", "User: two", "Assistant: hi");
    }

    [Fact]
    public async Task Answer_that_is_not_stored_is_refused_and_nothing_is_written()
    {
        var ask = () => Client.GetResponseAsync([User("one"), new(ChatRole.Assistant, "written elsewhere") { MessageId = "msg_01XFDUDYJgAACzvnptvVoYEL" }, User("two")], cancellationToken: Cancellation);

        (await ask.Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Contain("ImportAsync").And.NotContain("elsewhere");
        (await ConversationsAsync()).Should().BeEmpty();
        Model.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Nothing_new_is_refused()
    {
        var first = await AskAsync("one");

        foreach (var messages in new List<ChatMessage>[] { [], [new(ChatRole.System, "Be brief.")], [User("one"), .. first.Messages], [User("one"), .. first.Messages, new(ChatRole.System, "!")] })
            await FluentActions.Awaiting(() => Client.GetResponseAsync(messages, cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentException>().WithParameterName("messages");

        (await StoredAsync(first.ConversationId)).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_null_is_refused()
    {
        await FluentActions.Awaiting(() => Client.GetResponseAsync((IEnumerable<ChatMessage>)null!, cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentNullException>();
        await FluentActions.Awaiting(() => Client.GetResponseAsync([null!], cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => Client.GetResponseAsync([new ChatMessage(ChatRole.User, [])], cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Messages_are_read_once()
    {
        var readings = 0;
        await Client.GetResponseAsync(Once(), cancellationToken: Cancellation);

        readings.Should().Be(1);

        IEnumerable<ChatMessage> Once()
        {
            readings++;
            yield return User("one");
        }
    }

    [Fact]
    public async Task Author_of_a_message_comes_back()
    {
        await Client.GetResponseAsync([new ChatMessage(ChatRole.User, "one") { AuthorName = "Zoë", AdditionalProperties = new() { ["mood"] = "good" } }], cancellationToken: Cancellation);

        await AskAsync("two");

        Model.LastPrompt[0].AuthorName.Should().Be("Zoë");
        Model.LastPrompt[0].AdditionalProperties!["mood"]!.ToString().Should().Be("good");
    }
}
