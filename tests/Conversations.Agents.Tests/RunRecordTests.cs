using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Agents.Tests;

/// <summary>What runs record, and how an agent is set up.</summary>
public sealed class RunRecordTests : AgentTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Usage_and_model_reach_the_run(bool streamed)
    {
        var agent = Agent(Way.Around);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi"))
        {
            ModelId = "gpt-x",
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 12, OutputTokenCount = 3 },
        });

        var response = await RunAsync(agent, "hello", session, streamed);

        var run = (await RunsAsync(session)).Should().ContainSingle().Which;
        (run.Model, run.FinishReason, run.Usage).Should().Be(("gpt-x", "stop", new TokenUsage { InputTokens = 12, OutputTokens = 3 }));
        response.Usage!.InputTokenCount.Should().Be(12);
    }

    [Fact]
    public async Task History_provider_records_the_model_of_the_agent()
    {
        var agent = Agent(Way.Provider, change: static settings => settings.ChatOptions!.ModelId = "gpt-x");
        var session = await agent.CreateSessionAsync(Cancellation);

        await RunAsync(agent, "hello", session, streamed: false);

        (await RunsAsync(session)).Should().ContainSingle().Which.Model.Should().Be("gpt-x");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Id_that_a_provider_gives_to_a_conversation_is_not_sent_back(bool streamed)
    {
        var agent = Agent(Way.Around);
        var session = await agent.CreateSessionAsync(Cancellation);
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { ConversationId = "resp_1" });

        await RunAsync(agent, "one", session, streamed);
        await RunAsync(agent, "two", session, streamed);

        Model.LastOptions!.ConversationId.Should().BeNull();
        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: two");
    }

    [Fact]
    public async Task Model_gets_no_history_provider_in_its_options()
    {
        var agent = Agent(Way.Around);

        await RunAsync(agent, "hello", session: null, streamed: false);

        (Model.LastOptions!.AdditionalProperties ?? []).Should().BeEmpty();
    }

    [Fact]
    public async Task Options_of_a_run_reach_the_model()
    {
        var agent = Agent(Way.Around);
        var wrapped = 0;
        var options = new ChatClientAgentRunOptions(new ChatOptions { Temperature = 0.5f }) { ChatClientFactory = client => Wrap(client, ref wrapped) };

        await RunAsync(agent, "hello", session: null, streamed: false, options);

        Model.LastOptions!.Temperature.Should().Be(0.5f);
        wrapped.Should().Be(1);
        options.AdditionalProperties.Should().BeNull("the options of the caller are not changed");

        static IChatClient Wrap(IChatClient client, ref int count)
        {
            count++;
            return client;
        }
    }

    [Fact]
    public async Task Pipeline_takes_the_manager_and_the_identity_from_its_services()
    {
        var services = new ServiceCollection().AddSingleton(Manager).AddSingleton(ConversationIdentity.ForUser("carol")).BuildServiceProvider();
        var agent = new ChatClientAgent(Model).AsBuilder().UseConversations("bot", static (services, _) => services.GetRequiredService<ConversationIdentity>()).Build(services);

        await agent.RunAsync("hello", cancellationToken: Cancellation);

        (await ConversationsAsync()).Should().ContainSingle().Which.UserId.Should().Be("carol");
    }

    [Fact]
    public async Task Missing_identity_is_never_the_host()
    {
        var services = new ServiceCollection().AddSingleton(Manager).BuildServiceProvider();
        var agent = new ChatClientAgent(Model).AsBuilder().UseConversations("bot", static (_, _) => null).Build(services);

        var run = () => agent.RunAsync("hello", cancellationToken: Cancellation);

        await run.Should().ThrowAsync<IdentityRequiredException>();
        Model.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Pipeline_takes_a_manager_by_its_key()
    {
        var services = new ServiceCollection().AddKeyedSingleton("eu", Manager).BuildServiceProvider();
        var agent = new ChatClientAgent(Model).AsBuilder()
            .UseConversations("bot", serviceKey: "eu", configure: static options => options.Identity = static _ => ConversationIdentity.ForUser("carol")).Build(services);

        await agent.RunAsync("hello", cancellationToken: Cancellation);

        (await ConversationsAsync()).Should().ContainSingle().Which.UserId.Should().Be("carol");
    }

    [Fact]
    public void Pipeline_without_a_manager_is_refused()
    {
        var build = () => new ChatClientAgent(Model).AsBuilder().UseConversations("bot", static (_, _) => ConversationIdentity.ForUser("alice")).Build();

        build.Should().Throw<InvalidOperationException>().WithMessage("*AddConversations*");
    }

    [Fact]
    public void Agent_with_conversations_gets_no_others()
    {
        var agent = Agent(Way.Around);

        var build = () => agent.AsBuilder().UseConversations(Alice, "other").Build();

        build.Should().Throw<ArgumentException>().WithMessage("*already has conversations*");
    }

    [Fact]
    public void Agent_that_calls_no_chat_client_is_refused()
    {
        var workflow = Microsoft.Agents.AI.Workflows.AgentWorkflowBuilder.BuildSequential(new ChatClientAgent(Model));

        var build = () => Microsoft.Agents.AI.Workflows.WorkflowHostingExtensions.AsAIAgent(workflow).AsBuilder().UseConversations(Alice, "bot").Build();

        build.Should().Throw<ArgumentException>().WithMessage("*within a workflow*");
    }

    [Fact]
    public async Task Complete_history_with_ids_of_the_session_is_not_stored_again()
    {
        var agent = Agent(Way.Around);
        var session = await agent.CreateSessionAsync(Cancellation);
        var first = await RunAsync(agent, "one", session, streamed: false);

        await RunAsync(agent, [new ChatMessage(ChatRole.User, "one"), .. first.Messages, new ChatMessage(ChatRole.User, "two")], session, streamed: false);

        (await StoredTextsAsync(session)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: hi");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Id_of_another_conversation_is_not_an_id_of_this_one(Way way, bool streamed)
    {
        var others = await Agent(Way.Around, name: "other").RunAsync("one", cancellationToken: Cancellation);
        var agent = Agent(way);
        var session = await agent.CreateSessionAsync(Cancellation);

        await RunAsync(agent, [new ChatMessage(ChatRole.User, "listen"), .. others.Messages], session, streamed);

        (await StoredTextsAsync(session)).Should().Equal("User: listen", "User: hi", "Assistant: hi");
        (await StoredAsync(session))[1].AuthorName.Should().Be("other");
    }
}
