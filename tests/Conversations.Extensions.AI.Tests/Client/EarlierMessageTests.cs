using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Requests whose ids end before the conversation does.</summary>
public sealed class EarlierMessageTests : ChatClientTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_is_refused_by_default_and_the_exception_names_the_option(bool streamed)
    {
        var (edited, id) = await EditedAsync();
        var requests = Model.Requests.Count;

        var send = () => SendAsync(Client, streamed, edited);

        var refused = (await send.Should().ThrowAsync<HistoryOutdatedException>()).Which;
        refused.Message.Should().Contain(nameof(ConversationChatClientOptions.OnEarlierMessage));
        refused.MessageId.Should().Be(edited[1].MessageId);
        Model.Requests.Should().HaveCount(requests);
        (await StoredTextsAsync(id)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: hi");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Edited_message_replaces_the_one_that_was_dropped(bool streamed, bool byId)
    {
        var (edited, id) = await EditedAsync();

        var response = await SendAsync(ClientWith(EarlierMessagePolicy.Replace), streamed, edited, byId ? new ChatOptions { ConversationId = id } : null);

        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: edited");
        (await StoredTextsAsync(id)).Should().Equal("User: one", "Assistant: hi", "User: edited", "Assistant: hi");
        (await RunAsync(response)).ReplacedPosition.Should().Be(3);
        edited.AddRange([.. response.Messages, User("three")]);
        await SendAsync(ClientWith(EarlierMessagePolicy.Replace), streamed, edited);
        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: edited", "assistant: hi", "user: three");
    }

    [Fact]
    public async Task Edited_message_is_appended_when_the_host_wants_that()
    {
        var (edited, id) = await EditedAsync();

        await ClientWith(EarlierMessagePolicy.Append).GetResponseAsync(edited, cancellationToken: Cancellation);

        (await StoredTextsAsync(id)).Should().HaveCount(6);
    }

    [Fact]
    public async Task Edited_message_with_a_key_is_answered_once()
    {
        var (edited, id) = await EditedAsync();
        var client = ClientWith(EarlierMessagePolicy.Replace);
        var options = new ConversationChatOptions { IdempotencyKey = "edit" };

        var first = await client.GetResponseAsync(edited, options, Cancellation);
        var second = await client.GetResponseAsync(edited, options, Cancellation);

        second.AdditionalProperties![ConversationChatProperties.IsReplay].Should().Be(true);
        second.Messages[0].MessageId.Should().Be(first.Messages[0].MessageId);
        (await StoredTextsAsync(id)).Should().HaveCount(4);
    }

    [Fact]
    public async Task Repeated_request_with_a_key_is_a_replay_by_default()
    {
        List<ChatMessage> transcript = [User("one")];
        transcript.AddRange((await Client.GetResponseAsync(transcript, cancellationToken: Cancellation)).Messages);
        transcript.Add(User("two"));
        var options = new ConversationChatOptions { IdempotencyKey = "two" };
        await Client.GetResponseAsync(transcript, options, Cancellation);

        var again = await Client.GetResponseAsync(transcript, options, Cancellation);

        again.AdditionalProperties![ConversationChatProperties.IsReplay].Should().Be(true);
    }

    [Fact]
    public async Task Request_without_ids_is_not_affected()
    {
        var (_, id) = await EditedAsync();

        await AskAsync("new only");

        (await StoredTextsAsync(id)).Should().HaveCount(6);
    }

    [Fact]
    public async Task Request_that_is_sent_again_after_the_model_failed_continues()
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        transcript.AddRange([.. first.Messages, User("two")]);
        await FailAsync(transcript);

        await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);

        (await StoredTextsAsync(first.ConversationId)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: hi");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Question_that_is_edited_after_its_answer_was_stopped_replaces_it(bool streamed)
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        transcript.AddRange(first.Messages);
        await StoppedAsync([.. transcript, User("two")], options: null);

        await SendAsync(Client, streamed, [.. transcript, User("edited")]);

        Texts(Model.LastPrompt).Should().Equal("user: one", "assistant: hi", "user: edited");
        (await StoredTextsAsync(first.ConversationId)).Should().Equal("User: one", "Assistant: hi", "User: edited", "Assistant: hi");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Conversation_continues_from_an_edit_that_was_stopped(bool isEditedBefore)
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        var question = (await StoredAsync(first.ConversationId))[0].Id;
        if (isEditedBefore)
        {
            var edited = await Client.GetResponseAsync([User("uno")], new ConversationChatOptions { ReplaceMessageId = question }, Cancellation);
            question = (string)edited.AdditionalProperties![ConversationChatProperties.InputMessageId]!;
        }

        var half = await StoppedAsync([User("eins")], new ConversationChatOptions { ReplaceMessageId = question });

        await Client.GetResponseAsync([User("eins"), .. half, User("go on")], cancellationToken: Cancellation);

        Texts(Model.LastPrompt).Should().Equal("user: eins", "assistant: so far", "user: go on");
        (await StoredTextsAsync(first.ConversationId)).Should().Equal("User: eins", "Assistant: so far", "User: go on", "Assistant: hi");
    }

    [Fact]
    public async Task Conversation_continues_from_a_second_answer_that_was_stopped()
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        var half = await StoppedAsync([], new ConversationChatOptions { RegenerateMessageId = first.Messages[0].MessageId });

        await Client.GetResponseAsync([User("one"), .. half, User("go on")], cancellationToken: Cancellation);

        (await StoredTextsAsync(first.ConversationId)).Should().Equal("User: one", "Assistant: so far", "User: go on", "Assistant: hi");
    }

    [Fact]
    public async Task Conversation_continues_from_a_question_that_was_sent_again_and_stopped()
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        transcript.AddRange([.. first.Messages, User("two")]);
        await FailAsync(transcript);
        var half = await StoppedAsync(transcript, options: null);

        await Client.GetResponseAsync([.. transcript, .. half, User("go on")], cancellationToken: Cancellation);

        (await StoredTextsAsync(first.ConversationId)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: so far", "User: go on", "Assistant: hi");
    }

    [Fact]
    public async Task Client_that_invokes_functions_outside_continues_with_known_ids()
    {
        var time = AIFunctionFactory.Create(static () => "noon", "time");
        Model.Answer = static (messages, _) => Task.FromResult(new ChatResponse(messages.Any(message => message.Role == ChatRole.Tool) && messages[^1].Role == ChatRole.Tool
            ? new ChatMessage(ChatRole.Assistant, "It is noon.")
            : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent(Guid.NewGuid().ToString("N"), "time")])));
        var outside = new FunctionInvokingChatClient(Client);
        List<ChatMessage> transcript = [];
        foreach (var text in new[] { "one", "two" })
        {
            transcript.Add(User(text));
            transcript.AddRange((await outside.GetResponseAsync(transcript, new ChatOptions { Tools = [time] }, Cancellation)).Messages);
        }

        (await StoredTextsAsync(StoredMessage.ConversationIdOf(transcript[^1].MessageId))).Should().HaveCount(8);
    }

    [Fact]
    public async Task Options_name_the_message_to_replace_also_the_first()
    {
        var (_, id) = await EditedAsync();
        var stored = await StoredAsync(id);

        await Client.GetResponseAsync("uno", new ConversationChatOptions { ReplaceMessageId = stored[0].Id }, Cancellation);

        Texts(Model.LastPrompt).Should().Equal("user: uno");
        (await StoredTextsAsync(id)).Should().Equal("User: uno", "Assistant: hi");
        foreach (var options in new ConversationChatOptions[]
        {
            new() { ReplaceMessageId = stored[0].Id, StartNew = true },
            new() { ReplaceMessageId = stored[0].Id, Thread = "t" },
            new() { ReplaceMessageId = stored[0].Id, RegenerateMessageId = stored[0].Id },
        })
        {
            await FluentActions.Awaiting(() => Client.GetResponseAsync("x", options, Cancellation)).Should().ThrowAsync<ArgumentException>();
        }
    }

    [Fact]
    public async Task Stop_reaches_the_inner_client()
    {
        var began = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Model.Stream = (_, token) => ThinkAsync(began, token);
        var stream = Client.GetStreamingResponseAsync("hello", cancellationToken: Cancellation).ToChatResponseAsync(Cancellation);
        await began.Task;
        var run = await Manager.GetRunsAsync((await ConversationsAsync())[0].Id, Cancellation).FirstAsync(Cancellation);

        (await Alice.StopAsync(run.Id, Cancellation)).Should().BeTrue();

        await FluentActions.Awaiting(() => stream).Should().ThrowAsync<OperationCanceledException>();
        (await Manager.GetRunAsync(run.Id, Cancellation))!.Status.Should().Be(RunStatus.Cancelled);
        (await StoredTextsAsync(run.ConversationId)).Should().Equal("User: hello", "Assistant: so far");
    }

    [Fact]
    public void Undefined_policy_is_refused()
    {
        var create = () => ClientWith((EarlierMessagePolicy)3);

        create.Should().Throw<ArgumentException>().WithMessage("OnEarlierMessage*");
    }

    /// <summary>Sends a request that the model fails to answer.</summary>
    private async Task FailAsync(IEnumerable<ChatMessage> messages)
    {
        var answer = Model.Answer;
        Model.Answer = (_, _) => throw new HttpRequestException("429");
        await FluentActions.Awaiting(() => Client.GetResponseAsync(messages, cancellationToken: Cancellation)).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = answer;
    }

    /// <summary>Sends a request, stops the answer, and returns what a user interface has of it.</summary>
    private async Task<IList<ChatMessage>> StoppedAsync(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        using var stop = new CancellationTokenSource();
        Model.Stream = (_, token) => StopAsync(stop, token);
        var updates = new List<ChatResponseUpdate>();
        var read = async () =>
        {
            await foreach (var update in Client.GetStreamingResponseAsync(messages, options, stop.Token))
                updates.Add(update);
        };
        await read.Should().ThrowAsync<OperationCanceledException>();
        Model.Stream = null;
        return updates.ToChatResponse().Messages;
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> StopAsync(CancellationTokenSource stop, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "so far");
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> ThinkAsync(TaskCompletionSource<string> began, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "so far");
        began.SetResult("");
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }

    private ConversationChatClient ClientWith(EarlierMessagePolicy policy) => Model.WithConversations(Alice, "bot", new ConversationChatClientOptions { OnEarlierMessage = policy });

    /// <summary>Asks twice, and returns what a user interface sends when the second question is edited.</summary>
    private async Task<(List<ChatMessage> Edited, string ConversationId)> EditedAsync()
    {
        List<ChatMessage> transcript = [User("one")];
        var first = await Client.GetResponseAsync(transcript, cancellationToken: Cancellation);
        transcript.AddRange(first.Messages);
        await Client.GetResponseAsync([.. transcript, User("two")], cancellationToken: Cancellation);
        return ([.. transcript, User("edited")], first.ConversationId!);
    }
}
