using Microsoft.Agents.AI;

namespace Conversations.Agents.Tests;

/// <summary>A session store that stores conversations alone.</summary>
public sealed class SessionStoreTests : AgentTest
{
    private readonly ConversationAgentSessionStore _sessions = new();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Session_of_a_key_continues_after_a_restart(Way way, bool streamed)
    {
        var key = new AgentSessionStoreKey("chat-1", Partition("alice"));
        var agent = Agent(way, conversations: Manager);
        var session = await _sessions.GetOrCreateSessionAsync(agent, key, Cancellation);
        await RunAsync(agent, "hello", session, streamed);
        await _sessions.SaveSessionAsync(agent, key, session, Cancellation);
        await RestartAsync();

        agent = Agent(way, conversations: Manager);
        var again = await _sessions.GetSessionAsync(agent, key, Cancellation);
        await RunAsync(agent, "again", again, streamed);

        again!.GetConversationId().Should().Be(session.GetConversationId());
        Model.LastPrompt.Select(message => message.Text).Should().Equal("alice: hello", "hi", "alice: again");
        (await ConversationsAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task Session_that_did_not_run_is_not_found()
    {
        var key = new AgentSessionStoreKey("chat-1", Partition("alice"));
        var agent = Agent(Way.Around, conversations: Manager);
        var session = await _sessions.GetOrCreateSessionAsync(agent, key, Cancellation);
        await _sessions.SaveSessionAsync(agent, key, session, Cancellation);

        var found = await _sessions.GetSessionAsync(agent, key, Cancellation);

        found.Should().BeNull();
    }

    [Fact]
    public async Task Partitions_separate_sessions_of_one_id()
    {
        var agent = Agent(Way.Around, conversations: Manager);
        var hers = await _sessions.GetOrCreateSessionAsync(agent, new AgentSessionStoreKey("chat-1", Partition("alice")), Cancellation);
        await RunAsync(agent, "secret", hers, streamed: false);

        var his = await _sessions.GetOrCreateSessionAsync(agent, new AgentSessionStoreKey("chat-1", Partition("bob")), Cancellation);
        await RunAsync(agent, "hello", his, streamed: false);

        Texts(Model.LastPrompt).Should().Equal("user: bob: hello");
        his.GetConversationId().Should().NotBe(hers.GetConversationId());
    }

    [Fact]
    public async Task Each_lookup_returns_a_session_of_its_own()
    {
        var key = new AgentSessionStoreKey("chat-1", Partition("alice"));
        var agent = Agent(Way.Around, conversations: Manager);
        await RunAsync(agent, "hello", await _sessions.GetOrCreateSessionAsync(agent, key, Cancellation), streamed: false);

        var (first, second) = (await _sessions.GetSessionAsync(agent, key, Cancellation), await _sessions.GetSessionAsync(agent, key, Cancellation));

        first.Should().NotBeNull().And.NotBeSameAs(second);
    }

    [Fact]
    public async Task Deleted_session_is_gone()
    {
        var key = new AgentSessionStoreKey("chat-1", Partition("alice"));
        var agent = Agent(Way.Around, conversations: Manager);
        await RunAsync(agent, "hello", await _sessions.GetOrCreateSessionAsync(agent, key, Cancellation), streamed: false);

        await _sessions.DeleteSessionAsync(agent, key, Cancellation);
        await _sessions.DeleteSessionAsync(agent, key, Cancellation);

        (await _sessions.GetSessionAsync(agent, key, Cancellation)).Should().BeNull();
        (await ConversationsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task State_that_would_be_lost_is_refused()
    {
        var key = new AgentSessionStoreKey("chat-1", Partition("alice"));
        var agent = Agent(Way.Around, conversations: Manager);
        var session = await _sessions.GetOrCreateSessionAsync(agent, key, Cancellation);
        session.StateBag.SetValue("memory", "likes tea");

        var save = async () => await _sessions.SaveSessionAsync(agent, key, session, Cancellation);

        await save.Should().ThrowAsync<InvalidOperationException>().WithMessage("*state beside its conversation*");
    }

    [Fact]
    public async Task Session_of_another_key_is_refused()
    {
        var agent = Agent(Way.Around, conversations: Manager);
        var session = await _sessions.GetOrCreateSessionAsync(agent, new AgentSessionStoreKey("chat-1"), Cancellation);

        var save = async () => await _sessions.SaveSessionAsync(agent, new AgentSessionStoreKey("chat-2"), session, Cancellation);

        await save.Should().ThrowAsync<InvalidOperationException>().WithMessage("*another conversation*");
    }

    [Fact]
    public async Task Agent_without_conversations_is_refused()
    {
        var get = async () => await _sessions.GetSessionAsync(new ChatClientAgent(Model), new AgentSessionStoreKey("chat-1"), Cancellation);

        await get.Should().ThrowAsync<ArgumentException>().WithMessage("*UseConversations*");
    }

    private static Dictionary<string, string> Partition(string user) => new(StringComparer.Ordinal) { ["user_id"] = user };
}
