using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>A request is a turn: what is sent, what is stored, what comes back.</summary>
public sealed class TurnTests : ChatClientTest
{
    [Fact]
    public async Task Ask_sends_the_history_and_the_new_message()
    {
        await AskAsync("one");
        await AskAsync("two");

        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: two");
    }

    [Fact]
    public async Task Ask_stores_the_turn_and_returns_its_ids()
    {
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi") { MessageId = "chatcmpl-1" })
        {
            ResponseId = "resp",
            ModelId = "model-1",
            FinishReason = ChatFinishReason.Length,
            Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2, CachedInputTokenCount = 4 },
            AdditionalProperties = new() { ["own"] = 1 },
        });

        var response = await AskAsync();

        var stored = await StoredAsync(response.ConversationId);
        stored.Select(message => message.Text).Should().Equal("hello", "hi");
        response.Messages.Should().ContainSingle().Which.MessageId.Should().Be(stored[1].Id);
        response.AdditionalProperties.Should().Contain(ConversationChatProperties.InputMessageId, stored[0].Id)
            .And.Contain(ConversationChatProperties.IsReplay, false).And.Contain(ConversationChatProperties.StartReason, "First").And.Contain("own", 1);
        (response.ResponseId, response.ModelId, response.FinishReason).Should().Be(("resp", "model-1", ChatFinishReason.Length));
        var run = await RunAsync(response);
        (run.Status, run.Model, run.FinishReason).Should().Be((RunStatus.Completed, "model-1", "length"));
        run.Usage.Should().Be(new TokenUsage { InputTokens = 10, OutputTokens = 2, CachedInputTokens = 4 });
    }

    [Fact]
    public async Task Ask_leaves_the_inner_response_and_options_unchanged()
    {
        var inner = new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi") { MessageId = "chatcmpl-1" });
        Model.Answer = (_, _) => Task.FromResult(inner);
        var options = new ConversationChatOptions { StartNew = true, Temperature = 0.5f };

        var response = await AskAsync(options: options);

        response.Should().NotBeSameAs(inner);
        inner.ConversationId.Should().BeNull();
        inner.AdditionalProperties.Should().BeNull();
        inner.Messages[0].MessageId.Should().Be("chatcmpl-1");
        options.ConversationId.Should().BeNull();
    }

    [Fact]
    public async Task Model_gets_its_options_and_none_of_ours()
    {
        var first = await AskAsync(options: new ChatOptions());
        var options = new ConversationChatOptions
        {
            ConversationId = first.ConversationId,
            Identity = ConversationIdentity.ForUser("alice"),
            Thread = "secret",
            Channel = "api",
            IdempotencyKey = "secret",
            HistoryLimit = 5,
            TokenLimit = 1000,
            OnBusy = BusyPolicy.Reject,
            Temperature = 0.5f,
            ModelId = "model-1",
            AllowBackgroundResponses = true,
            StopSequences = ["stop"],
        };

        await AskAsync(options: options);

        var sent = Model.LastOptions!;
        sent.Should().NotBeAssignableTo<ConversationChatOptions>();
        sent.Clone().Should().NotBeAssignableTo<ConversationChatOptions>();
        (sent.ConversationId, sent.AllowBackgroundResponses, sent.Temperature, sent.ModelId).Should().Be((null, null, 0.5f, "model-1"));
        sent.StopSequences.Should().Equal("stop");
        (options.ConversationId, options.AllowBackgroundResponses).Should().Be((first.ConversationId, true));
        (await Manager.GetRunAsync((await Manager.GetRunsAsync(first.ConversationId!, Cancellation).FirstAsync(Cancellation)).Id, Cancellation))!.Model.Should().Be("model-1");
    }

    [Fact]
    public async Task Options_of_another_type_reach_the_model_as_that_type()
    {
        await AskAsync(options: new TheirOptions { ConversationId = null, Own = "kept" });

        Model.LastOptions.Should().BeOfType<TheirOptions>().Which.Own.Should().Be("kept");
    }

    [Fact]
    public async Task Null_options_stay_null()
    {
        await AskAsync();

        Model.LastOptions.Should().BeNull();
    }

    [Fact]
    public async Task System_messages_follow_the_agents_prompt_and_are_not_stored()
    {
        var client = Model.WithConversations(Alice, "prompted");
        await client.GetResponseAsync([new(ChatRole.System, "Be brief."), User("one")], cancellationToken: Cancellation);

        var response = await client.GetResponseAsync([User("two"), new(ChatRole.System, "Be long."), new(new ChatRole("developer"), "Be exact.")], cancellationToken: Cancellation);

        Texts(Model.LastPrompt).Should().Equal("system: You are kind.", "system: Be long.", "developer: Be exact.", "user: one", "assistant: hi", "user: two");
        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: hi");
    }

    [Fact]
    public async Task Input_is_passed_to_the_model_unchanged()
    {
        var message = User("one");
        message.RawRepresentation = new object();

        await Client.GetResponseAsync([message], cancellationToken: Cancellation);

        Model.LastPrompt.Should().ContainSingle().Which.Should().BeSameAs(message);
    }

    [Fact]
    public async Task Failed_model_leaves_the_input_and_its_exception()
    {
        Model.Answer = static (_, _) => throw new HttpRequestException("429");
        await FluentActions.Awaiting(() => AskAsync("one")).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = FakeModel.Saying(new TextContent("hi"));

        var response = await AskAsync("two");

        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: one", "User: two", "Assistant: hi");
        (await Manager.GetRunsAsync(response.ConversationId!, Cancellation).Select(run => run.Status).ToListAsync(Cancellation)).Should().Equal(RunStatus.Completed, RunStatus.Failed);
    }

    [Fact]
    public async Task Cancelled_request_is_recorded_as_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        Model.Answer = async (_, token) =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
            return new ChatResponse();
        };

        await FluentActions.Awaiting(() => Client.GetResponseAsync("one", cancellationToken: cancel.Token)).Should().ThrowAsync<OperationCanceledException>();

        var conversation = (await ConversationsAsync()).Should().ContainSingle().Subject;
        (await Manager.GetRunsAsync(conversation.Id, Cancellation).SingleAsync(Cancellation)).Status.Should().Be(RunStatus.Cancelled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inner_client_that_returns_null_is_an_error(bool isNull)
    {
        Model.Answer = (_, _) => Task.FromResult(isNull ? null! : new ChatResponse());

        if (isNull)
            await FluentActions.Awaiting(() => AskAsync()).Should().ThrowAsync<InvalidOperationException>();
        else
            (await StoredTextsAsync((await AskAsync()).ConversationId)).Should().Equal("User: hello");
    }

    [Fact]
    public async Task Message_without_contents_is_stored_and_shown_to_no_model()
    {
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse([new ChatMessage(ChatRole.Assistant, []) { MessageId = "empty" }, new ChatMessage(ChatRole.Assistant, "hi")]));

        var response = await AskAsync();

        response.Messages.Should().HaveCount(2);
        var stored = await StoredAsync(response.ConversationId);
        stored.Select(message => message.Text).Should().Equal("hello", "", "hi");
        response.Messages.Select(message => message.MessageId).Should().Equal(stored[1].Id, stored[2].Id);
        stored[1].ToChatMessage().Contents.Should().BeEmpty();
        await AskAsync("two");
        Texts(Model.LastPrompt).Should().Equal("user: hello", "assistant: hi", "user: two");
    }

    [Fact]
    public async Task Absurd_usage_does_not_lose_the_answer()
    {
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { Usage = new UsageDetails { InputTokenCount = -1, OutputTokenCount = long.MaxValue } });

        var response = await AskAsync();

        (await RunAsync(response)).Usage.Should().Be(new TokenUsage { InputTokens = 0, OutputTokens = 1_000_000_000_000_000 });
    }

    [Fact]
    public async Task Stateless_agent_sends_its_input_and_returns_no_ids()
    {
        var client = Model.WithConversations(Alice, "oracle");
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi") { MessageId = "theirs" }) { ConversationId = "theirs" });

        var response = await client.GetResponseAsync([User("one"), new(ChatRole.Assistant, "hi"), User("two")], cancellationToken: Cancellation);

        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: two");
        response.ConversationId.Should().BeNull();
        response.AdditionalProperties.Should().BeNull();
        response.Messages[0].MessageId.Should().Be("theirs");
        (await ConversationsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Two_clients_for_two_callers_are_two_conversations()
    {
        var bob = Model.WithConversations(Manager.ForIdentity(ConversationIdentity.ForUser("bob")), "bot");
        var alices = await AskAsync("I am Alice.");

        var bobs = await bob.GetResponseAsync("I am Bob.", cancellationToken: Cancellation);

        Texts(Model.LastPrompt).Should().Equal("user: I am Bob.");
        bobs.ConversationId.Should().NotBe(alices.ConversationId);
        await FluentActions.Awaiting(() => bob.GetResponseAsync("And?", new ChatOptions { ConversationId = alices.ConversationId }, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
    }

    private sealed class TheirOptions : ChatOptions
    {
        public TheirOptions()
        {
        }

        private TheirOptions(TheirOptions other)
            : base(other) => Own = other.Own;

        public string? Own { get; set; }

        public override ChatOptions Clone() => new TheirOptions(this);
    }
}
