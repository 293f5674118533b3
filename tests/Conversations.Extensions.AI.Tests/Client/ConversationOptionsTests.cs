using System.Reflection;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Which conversation a request is about.</summary>
public sealed class ConversationOptionsTests : ChatClientTest
{
    [Fact]
    public async Task Conversation_id_continues_that_conversation()
    {
        var first = await AskAsync("one");
        await AskAsync("two", new ConversationChatOptions { StartNew = true });

        var third = await AskAsync("three", new ChatOptions { ConversationId = first.ConversationId });

        third.ConversationId.Should().Be(first.ConversationId);
        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: three");
    }

    [Theory]
    [InlineData("conv_00000000000000000000000000000000")]
    [InlineData("resp_of_a_provider")]
    public async Task Unknown_conversation_id_is_not_found(string id)
    {
        await FluentActions.Awaiting(() => AskAsync("one", new ChatOptions { ConversationId = id })).Should().ThrowAsync<ConversationNotFoundException>();
        Model.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task Identity_determines_the_view()
    {
        var client = Model.WithConversations(Manager, "bot");
        await client.GetResponseAsync("I am Bob.", new ConversationChatOptions { Identity = ConversationIdentity.ForUser("bob") }, Cancellation);
        var alices = await client.GetResponseAsync("I am Alice.", new ConversationChatOptions { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);

        (await Alice.GetAsync(alices.ConversationId!, Cancellation)).Should().NotBeNull();
        Texts(Model.LastPrompt).Should().Equal("user: I am Alice.");
        var stolen = new ConversationChatOptions { Identity = ConversationIdentity.ForUser("bob"), ConversationId = alices.ConversationId };
        await FluentActions.Awaiting(() => client.GetResponseAsync("And?", stolen, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
    }

    [Fact]
    public async Task Client_of_one_identity_refuses_another()
    {
        await AskAsync(options: new ConversationChatOptions { Identity = ConversationIdentity.ForUser("alice") });

        await FluentActions.Awaiting(() => AskAsync(options: new ConversationChatOptions { Identity = ConversationIdentity.ForUser("bob") })).Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Thread_that_is_named_is_reached_by_the_ids_of_its_conversation()
    {
        var client = Model.WithConversations(Manager, "team");
        var options = new ConversationChatOptions { Thread = "deal/7", IdempotencyKey = "key", Identity = ConversationIdentity.ForUser("alice", "acme") };
        var first = await client.GetResponseAsync("one", options, Cancellation);

        var replay = await client.GetResponseAsync("one", options, Cancellation);
        var byId = await client.GetResponseAsync("two", new ConversationChatOptions { Thread = "deal/7", ConversationId = first.ConversationId, Identity = options.Identity }, Cancellation);
        var again = await client.GetResponseAsync([], new ConversationChatOptions { Thread = "deal/7", RegenerateMessageId = byId.Messages[^1].MessageId, Identity = options.Identity }, Cancellation);

        replay.ModelId.Should().Be(first.ModelId);
        (byId.ConversationId, again.ConversationId).Should().Be((first.ConversationId, first.ConversationId));
        var unnamed = new ConversationChatOptions { ConversationId = first.ConversationId, Identity = options.Identity };
        await FluentActions.Awaiting(() => client.GetResponseAsync("three", unnamed, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
        var other = new ConversationChatOptions { Thread = "deal/8", RegenerateMessageId = byId.Messages[^1].MessageId, Identity = options.Identity };
        await FluentActions.Awaiting(() => client.GetResponseAsync([], other, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
    }

    [Fact]
    public async Task Functions_that_are_called_outside_of_the_client_work_in_a_thread()
    {
        Model.Answer = static (messages, _) => Task.FromResult(new ChatResponse(messages.Any(message => message.Role == ChatRole.Tool)
            ? new ChatMessage(ChatRole.Assistant, "sunny")
            : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "weather")])));
        var client = Model.WithConversations(Manager, "team");
        var options = new ConversationChatOptions { Thread = "deal/7", Identity = ConversationIdentity.ForUser("alice", "acme") };

        // A client that calls functions sends their results with the same options, and with the id of the conversation.
        options.ConversationId = (await client.GetResponseAsync("The weather?", options, Cancellation)).ConversationId;
        var response = await client.GetResponseAsync([new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1", "sun")])], options, Cancellation);

        response.Text.Should().Be("sunny");
    }

    [Fact]
    public async Task Thread_is_shared_by_every_caller_that_names_it()
    {
        var client = Model.WithConversations(Manager, "team");
        await client.GetResponseAsync("one", new ConversationChatOptions { Thread = "deal/7", Identity = ConversationIdentity.ForUser("alice", "acme") }, Cancellation);

        await client.GetResponseAsync("two", new ConversationChatOptions { Thread = "deal/7", Identity = ConversationIdentity.ForUser("bob", "acme") }, Cancellation);

        Texts(Model.LastPrompt).Should().Equal("user: alice: one", "assistant: hi", "user: bob: two");
    }

    [Fact]
    public async Task Channel_has_a_separate_conversation()
    {
        var chat = await AskAsync("one");

        var api = await AskAsync("two", new ConversationChatOptions { Channel = "api" });

        api.ConversationId.Should().NotBe(chat.ConversationId);
    }

    [Fact]
    public async Task Limit_applies_to_the_request()
    {
        await AskAsync("one");
        await AskAsync("two");

        await AskAsync("three", new ConversationChatOptions { HistoryLimit = 1 });

        Texts(Model.LastPrompt).Should().Equal("user: three");
        await FluentActions.Awaiting(() => AskAsync("four", new ConversationChatOptions { TokenLimit = 1 })).Should().ThrowAsync<PromptTooLargeException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repeated_key_returns_the_first_answer_and_does_not_call_the_model(bool streamed)
    {
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi"))
        {
            ModelId = "model-1",
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2, CachedInputTokenCount = 4 },
        });
        var options = new ConversationChatOptions { IdempotencyKey = "key" };
        var first = await AskAsync("one", options);
        Model.Answer = FakeModel.Saying(new TextContent("other"));

        var again = streamed ? await Client.GetStreamingResponseAsync("one", options, Cancellation).ToChatResponseAsync(Cancellation) : await AskAsync("one", options);

        Model.Requests.Should().ContainSingle();
        again.Text.Should().Be("hi");
        again.ConversationId.Should().Be(first.ConversationId);
        again.Messages.Single().MessageId.Should().Be(first.Messages.Single().MessageId);
        (again.ModelId, again.FinishReason, again.Usage!.InputTokenCount, again.Usage.CachedInputTokenCount).Should().Be(("model-1", ChatFinishReason.Stop, 10, 4));
        again.AdditionalProperties.Should().Contain(ConversationChatProperties.IsReplay, true).And.Contain(ConversationChatProperties.RunId, first.AdditionalProperties![ConversationChatProperties.RunId]);
        await FluentActions.Awaiting(() => AskAsync("two", options)).Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task Failed_request_runs_again_on_the_saved_input()
    {
        Model.Answer = static (_, _) => throw new HttpRequestException("429");
        var options = new ConversationChatOptions { IdempotencyKey = "key" };
        await FluentActions.Awaiting(() => AskAsync("one", options)).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = FakeModel.Saying(new TextContent("hi"));

        var response = await AskAsync("one", options);

        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: one", "Assistant: hi");
        Texts(Model.LastPrompt).Should().Equal("user: one");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_is_regenerated(bool streamed)
    {
        var first = await AskAsync("one");
        Model.Answer = FakeModel.Saying(new TextContent("better"));
        var options = new ConversationChatOptions { RegenerateMessageId = first.Messages[0].MessageId, ModelId = "model-2" };

        var second = streamed ? await Client.GetStreamingResponseAsync([], options, Cancellation).ToChatResponseAsync(Cancellation) : await Client.GetResponseAsync([], options, Cancellation);

        second.Text.Should().Be("better");
        second.ConversationId.Should().Be(first.ConversationId);
        Texts(Model.LastPrompt).Should().Equal("user: one");
        Model.LastOptions!.ModelId.Should().Be("model-2");
        (await StoredTextsAsync(first.ConversationId)).Should().Equal("User: one", "Assistant: better");
        await FluentActions.Awaiting(() => Client.GetResponseAsync("more", options, Cancellation)).Should().ThrowAsync<ArgumentException>().WithParameterName("messages");
    }

    [Fact]
    public async Task Only_an_answer_of_the_agent_is_regenerated_and_only_in_its_conversation()
    {
        var first = await AskAsync("one");
        var id = first.Messages[0].MessageId;
        var other = await AskAsync("two", new ConversationChatOptions { StartNew = true });
        var refused = new List<ConversationChatOptions>
        {
            new() { RegenerateMessageId = id, ConversationId = other.ConversationId },
            new() { RegenerateMessageId = id, Thread = "t" },
            new() { RegenerateMessageId = id, StartNew = true },
        };

        foreach (var options in refused)
            await FluentActions.Awaiting(() => Client.GetResponseAsync([], options, Cancellation)).Should().ThrowAsync<ArgumentException>();
        await FluentActions.Awaiting(() => Model.WithConversations(Alice, "prompted").GetResponseAsync([], new ConversationChatOptions { RegenerateMessageId = id }, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
        await FluentActions.Awaiting(() => Client.GetResponseAsync([], new ConversationChatOptions { RegenerateMessageId = "none" }, Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
        Model.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Messages_of_another_conversation_than_the_one_that_is_named_are_refused()
    {
        var first = await AskAsync("one");
        var other = await AskAsync("two", new ConversationChatOptions { StartNew = true });

        await FluentActions.Awaiting(() => Client.GetResponseAsync([User("one"), .. first.Messages, User("three")], new ChatOptions { ConversationId = other.ConversationId }, Cancellation))
            .Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Client_with_conversations_gets_no_others()
    {
        FluentActions.Invoking(() => Client.WithConversations(Alice, "bot")).Should().Throw<ArgumentException>().WithParameterName("innerClient");

        await AskAsync(options: new ChatOptions { ConversationId = " " });

        (await ConversationsAsync()).Should().ContainSingle("a blank id is none");
    }

    [Fact]
    public async Task History_for_the_model_has_none_of_our_ids()
    {

        await AskAsync("one");

        await AskAsync("two");

        Model.LastPrompt.Should().OnlyContain(message => message.MessageId == null && message.CreatedAt == null && message.RawRepresentation == null && message.Contents.All(content => content.RawRepresentation == null));
    }

    [Fact]
    public async Task Background_response_is_refused()
    {
        var options = new ChatOptions { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }) };

        await FluentActions.Awaiting(() => AskAsync("one", options)).Should().ThrowAsync<ArgumentException>().WithParameterName("options");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task History_of_a_provider_is_ignored_unless_it_is_refused(bool streamed)
    {
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { ConversationId = "theirs" });
        var refusing = Model.WithConversations(Alice, "bot", new ConversationChatClientOptions { ProviderHistory = ProviderHistory.Refuse });
        var first = await AskOneAsync(Client);

        var second = await AskOneAsync(Client);

        second.ConversationId.Should().Be(first.ConversationId).And.NotBe("theirs");
        Model.LastOptions?.ConversationId.Should().BeNull();
        Model.LastPrompt.Should().HaveCount(3);
        (await FluentActions.Awaiting(() => AskOneAsync(refusing)).Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().NotContain("theirs");

        Task<ChatResponse> AskOneAsync(ConversationChatClient client) => streamed
            ? client.GetStreamingResponseAsync("one", cancellationToken: Cancellation).ToChatResponseAsync(Cancellation)
            : client.GetResponseAsync("one", cancellationToken: Cancellation);
    }

    [Fact]
    public void Clone_has_all_values_and_is_independent()
    {
        var options = new ConversationChatOptions
        {
            ConversationId = "c",
            Identity = ConversationIdentity.ForUser("alice"),
            Thread = "t",
            Channel = "api",
            IdempotencyKey = "k",
            StartNew = true,
            HistoryLimit = 1,
            TokenLimit = 2,
            OnBusy = BusyPolicy.Reject,
            RegenerateMessageId = "m",
            ReplaceMessageId = "r",
            Temperature = 0.5f,
            StopSequences = ["a"],
        };
        var ours = typeof(ConversationChatOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
        ours.Should().OnlyContain(property => !Equals(property.GetValue(options), property.GetValue(new ConversationChatOptions())), "each is set above");

        var clone = options.Clone().Should().BeOfType<ConversationChatOptions>().Subject;

        clone.Should().NotBeSameAs(options);
        ours.Should().OnlyContain(property => Equals(property.GetValue(options), property.GetValue(clone)));
        (clone.ConversationId, clone.Temperature).Should().Be(("c", 0.5f));
        clone.StopSequences.Should().Equal("a").And.NotBeSameAs(options.StopSequences);
    }

    [Fact]
    public void Invalid_options_are_refused_when_the_client_is_created()
    {
        FluentActions.Invoking(() => Model.WithConversations(Alice, "")).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Model.WithConversations(null!, "bot")).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => Model.WithConversations(Alice, "bot", new ConversationChatClientOptions { ProviderHistory = (ProviderHistory)7 })).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task Unknown_agent_is_refused_with_the_names_of_known_agents()
    {
        var client = Model.WithConversations(Alice, "unknown");

        (await FluentActions.Awaiting(() => client.GetResponseAsync("one", cancellationToken: Cancellation)).Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Contain("oracle");
    }
}
