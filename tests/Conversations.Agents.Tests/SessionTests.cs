namespace Conversations.Agents.Tests;

/// <summary>A session is a conversation.</summary>
public sealed class SessionTests : AgentTest
{
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Run_sends_the_history_and_stores_the_answer(Way way, bool streamed)
    {
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = Saying("hi", "fine");

        await RunAsync(agent, "hello", session, streamed);
        var response = await RunAsync(agent, "how are you?", session, streamed);

        response.Text.Should().Be("fine");
        Texts(Model.LastPrompt).Should().Equal("user: hello", "assistant: hi", "user: how are you?");
        Model.LastOptions!.Instructions.Should().Be("Be brief.");
        (await StoredTextsAsync(session)).Should().Equal("User: hello", "Assistant: hi", "User: how are you?", "Assistant: fine");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Run_shows_the_system_prompt_of_the_agent(Way way, bool streamed)
    {
        var agent = Agent(way, name: "prompted");

        await RunAsync(agent, "hello", await agent.CreateSessionAsync(Cancellation), streamed);

        Texts(Model.LastPrompt).Should().Equal("system: You are kind.", "user: hello");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Two_new_sessions_are_two_conversations(Way way, bool streamed)
    {
        var agent = Agent(way);
        var (first, second) = (await agent.CreateSessionAsync(Cancellation), await agent.CreateSessionAsync(Cancellation));

        await RunAsync(agent, "one", first, streamed);
        await RunAsync(agent, "two", second, streamed);
        await RunAsync(agent, "more", first, streamed);

        (await StoredTextsAsync(first)).Should().Equal("User: one", "Assistant: hi", "User: more", "Assistant: hi");
        (await StoredTextsAsync(second)).Should().Equal("User: two", "Assistant: hi");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Run_without_a_session_is_a_conversation_of_its_own(Way way, bool streamed)
    {
        var agent = Agent(way);

        await RunAsync(agent, "one", session: null, streamed);
        await RunAsync(agent, "two", session: null, streamed);

        Texts(Model.LastPrompt).Should().Equal("user: two");
        (await ConversationsAsync()).Should().HaveCount(2).And.OnlyContain(conversation => conversation.MessageCount == 2);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Serialized_session_contains_the_id_alone(Way way, bool streamed)
    {
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);

        await RunAsync(agent, "hello", session, streamed);

        var serialized = await agent.SerializeSessionAsync(session, cancellationToken: Cancellation);
        serialized.GetRawText().Should().Be("{\"stateBag\":{\"Conversations\":{\"conversationId\":\"" + session.GetConversationId() + "\"}}}");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Session_continues_after_a_restart(Way way, bool streamed)
    {
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);
        await RunAsync(agent, "hello", session, streamed);
        var serialized = await agent.SerializeSessionAsync(session, cancellationToken: Cancellation);
        await RestartAsync();

        agent = Agent(way);
        var resumed = await agent.DeserializeSessionAsync(serialized, cancellationToken: Cancellation);
        await RunAsync(agent, "again", resumed, streamed);

        resumed.GetConversationId().Should().Be(session.GetConversationId());
        Texts(Model.LastPrompt).Should().Equal("user: hello", "assistant: hi", "user: again");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task ForConversation_continues_a_listed_conversation(Way way, bool streamed)
    {
        var conversation = await Alice.RunTurnAsync("bot", "hello", static (_, _) => Task.FromResult("hi"), Cancellation);
        var agent = Agent(way);

        var session = await agent.ForConversationAsync(conversation.ConversationId!, Cancellation);
        await RunAsync(agent, "again", session, streamed);

        session.GetConversationId().Should().Be(conversation.ConversationId);
        Texts(Model.LastPrompt).Should().Equal("user: hello", "assistant: hi", "user: again");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Conversation_of_another_caller_is_not_found(Way way, bool streamed)
    {
        var others = await Manager.ForIdentity(ConversationIdentity.ForUser("bob")).RunTurnAsync("bot", "secret", static (_, _) => Task.FromResult("hi"), Cancellation);
        var agent = Agent(way);
        var session = await agent.ForConversationAsync(others.ConversationId!, Cancellation);

        var run = () => RunAsync(agent, "what did bob say?", session, streamed);

        await run.Should().ThrowAsync<ConversationNotFoundException>();
        Model.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Session_has_no_conversation_before_its_first_run()
    {
        var agent = Agent(Way.Around);

        var session = await agent.CreateSessionAsync(Cancellation);

        session.GetConversationId().Should().BeNull();
        (await ConversationsAsync()).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Thread_key_of_sessions_makes_them_one_conversation(Way way, bool streamed)
    {
        var agent = Agent(way, new ConversationAgentOptions { Thread = static _ => "deal/4711" });
        var (first, second) = (await agent.CreateSessionAsync(Cancellation), await agent.CreateSessionAsync(Cancellation));

        await RunAsync(agent, "one", first, streamed);
        await RunAsync(agent, "two", second, streamed);

        first.GetConversationId().Should().NotBeNull().And.Be(second.GetConversationId());
        Texts(Model.LastPrompt).Should().Equal("user: alice: one", "assistant: hi", "user: alice: two");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Identity_of_a_session_owns_its_conversation(Way way, bool streamed)
    {
        var agent = Agent(way, new ConversationAgentOptions { Identity = static session => ConversationIdentity.ForUser(session.StateBag.GetValue<string>("user")!) }, conversations: Manager);
        var session = await agent.CreateSessionAsync(Cancellation);
        session.StateBag.SetValue("user", "bob");

        await RunAsync(agent, "hello", session, streamed);

        (await ConversationsAsync()).Should().ContainSingle().Which.UserId.Should().Be("bob");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answers_have_the_ids_of_stored_messages_around_an_agent(Way way, bool streamed)
    {
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);

        var response = await RunAsync(agent, "hello", session, streamed);

        // A history provider does not see what its agent returns.
        var ids = (await StoredAsync(session)).Select(message => message.Id).ToList();
        ids.Contains(response.Messages[^1].MessageId!).Should().Be(way == Way.Around);
    }
}
