using System.Reflection;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>The keys of results: a client that invokes functions sends one key with the user message and with all results, and call ids can repeat.</summary>
public sealed class ResultKeyTests : ChatClientTest
{
    private const int Calls = 3;

    private bool _fails;

    public ResultKeyTests() => Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")));

    public static TheoryData<bool, string, bool> Kinds => new()
    {
        { false, "same", false }, { false, "same", true }, { false, "unique", false }, { false, "unique", true },
        { true, "same", false }, { true, "same", true }, { true, "unique", false }, { true, "unique", true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Concurrent_requests_with_one_options_object_are_answered_as_one(bool streamed, string ids, bool namesConversation)
    {
        var options = await OptionsAsync(namesConversation);
        var before = FieldsOf(options);
        CallFunctions(ids);
        var (first, released) = await SendUntilSecondCallAsync(streamed, options);

        var second = await SendAsync(Caller("second"), streamed, [User("Poll.")], options);
        released.SetResult();
        var text = (await first).Text;

        (text, second.Text).Should().Be(("done", "done"));
        (await ResultsAsync(second)).Should().Equal(["first 1", "second 1", "second 2"], "the function that was answered does not run again");
        Model.Requests.Should().HaveCount(Calls + 1 + (namesConversation ? 1 : 0), "each turn is answered once");
        FieldsOf(options).Should().Equal(before, "the options belong to the caller");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [InlineData(false, "empty", false)]
    [InlineData(false, "empty", true)]
    [InlineData(true, "empty", false)]
    [InlineData(true, "empty", true)]
    public async Task Request_that_failed_half_way_continues_there_with_the_same_and_with_other_options(bool streamed, string ids, bool namesConversation)
    {
        var options = await OptionsAsync(namesConversation);
        CallFunctions(ids);
        _fails = true;
        await FluentActions.Awaiting(() => SendAsync(Caller("first"), streamed, [User("Poll.")], options)).Should().ThrowAsync<HttpRequestException>();
        await FluentActions.Awaiting(() => SendAsync(Caller("second"), streamed, [User("Poll.")], options)).Should().ThrowAsync<HttpRequestException>();
        _fails = false;

        var third = await SendAsync(Caller("third"), streamed, [User("Poll.")], new ConversationChatOptions(options));
        var replay = await SendAsync(Caller("fourth"), streamed, [User("Poll.")], options);

        (third.Text, replay.Text).Should().Be(("done", "done"));

        // Calls without ids are distinguished by the options object, and the caller of functions copies it when it adds the conversation.
        var last = ids == "empty" && !namesConversation ? "third 3" : "third 2";
        (await ResultsAsync(third)).Should().Equal(["first 1", "first 2", last], "only the function whose result was not answered runs again, and its first result counts");
        (await StoredAsync(third.ConversationId)).TakeLast(8).Count(message => message.Role == MessageRole.User).Should().Be(1, "the question and each result are stored once");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Results_that_were_serialized_are_recognized_by_the_ids_of_their_calls(bool streamed)
    {
        CallFunctions("unique");
        var first = await SendAsync(Caller("first"), streamed, [User("Poll.")], new ConversationChatOptions { IdempotencyKey = "key" });
        var requests = Model.Requests.Count;
        var calls = (await StoredAsync(first.ConversationId)).SelectMany(message => message.Parts).OfType<ToolCallPart>().Select(call => call.CallId);

        // Each request has an options object, a client and call ids of its own, as in a host that gets results over HTTP.
        foreach (var callId in calls)
        {
            var client = Model.WithConversations(Alice, "bot");
            var result = new ChatMessage(ChatRole.Tool, [new FunctionResultContent(new string(callId.AsSpan()), "other")]);
            var response = await SendAsync(client, streamed, [result], new ConversationChatOptions { IdempotencyKey = "key", ConversationId = first.ConversationId });
            response.AdditionalProperties![ConversationChatProperties.IsReplay].Should().Be(true);
            response.Text.Should().EndWith("done");
        }

        Model.Requests.Should().HaveCount(requests);
        (await ResultsAsync(first)).Should().Equal("first 1", "first 2", "first 3");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Results_with_ids_that_were_copied_answer_the_last_response_for_their_options(bool streamed, bool namesConversation)
    {
        var options = await OptionsAsync(namesConversation);
        CallFunctions("same");
        var number = 0;
        var client = new Replays.FunctionCaller(Client, call => Task.FromResult<object?>(new FunctionResultContent(new string(call.CallId.AsSpan()), $"result {++number}")));

        var response = await SendAsync(client, streamed, [User("Poll.")], options);

        response.Text.Should().Be("done");
        (await ResultsAsync(response)).Should().Equal("result 1", "result 2", "result 3");
    }

    [Theory]
    [InlineData(false, "same")]
    [InlineData(false, "empty")]
    [InlineData(true, "same")]
    [InlineData(true, "empty")]
    public async Task Calls_of_requests_with_different_keys_are_distinguished(bool streamed, string ids)
    {
        CallFunctions(ids);
        var options = new ConversationChatOptions { IdempotencyKey = "one", StartNew = true };
        var other = new ConversationChatOptions { IdempotencyKey = "two", StartNew = true };
        var (first, released) = await SendUntilSecondCallAsync(streamed, options);

        var second = await SendAsync(Caller("second"), streamed, [User("Poll.")], other);
        released.SetResult();

        (await ResultsAsync(await first)).Should().Equal("first 1", "first 2", "first 3");
        (await ResultsAsync(second)).Should().Equal("second 1", "second 2", "second 3");
        Model.Requests.Should().HaveCount(2 * (Calls + 1));
        (await SendAsync(Caller("third"), streamed, [User("Poll.")], options)).Text.Should().Be("done");
        Model.Requests.Should().HaveCount(2 * (Calls + 1), "each set of results has the key that it had before");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Options_that_are_copied_for_each_request_are_equivalent(bool streamed)
    {
        CallFunctions("same");
        var client = new Replays.FunctionCaller(new OptionsCopier(Client), FunctionOf("first"));
        var options = new ConversationChatOptions { IdempotencyKey = "key" };

        var response = await SendAsync(client, streamed, [User("Poll.")], options);
        var replay = await SendAsync(client, streamed, [User("Poll.")], options);

        (response.Text, replay.Text).Should().Be(("done", "done"));
        (await ResultsAsync(response)).Should().Equal("first 1", "first 2", "first 3");
        Model.Requests.Should().HaveCount(Calls + 1);
    }

    [Theory]
    [InlineData(3, 40)]
    [InlineData(1_024, 1)]
    public async Task Results_of_any_number_of_calls_are_answered_once_with_key(int keyLength, int calls)
    {
        var ids = Enumerable.Range(0, calls).Select(number => $"call_0123456789012345678901234{number:D3}").ToList();
        Model.Answer = FakeModel.Saying([.. ids.Select(id => new FunctionCallContent(id, "poll"))]);
        var options = new ConversationChatOptions { IdempotencyKey = new string('k', keyLength) };
        var asked = await AskAsync("Poll.", options);
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "done")));
        List<ChatMessage> results = [new(ChatRole.Tool, [.. asked.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => new FunctionResultContent(call.CallId, "result"))])];

        var first = await Client.GetResponseAsync(results, options, Cancellation);
        var second = await Client.GetResponseAsync(results, options, Cancellation);

        (first.Text, second.Text).Should().Be(("done", "done"));
        Model.Requests.Should().HaveCount(2);
    }

    [Fact]
    public async Task Call_in_an_instance_of_another_response_is_returned_in_a_new_instance()
    {
        var call = new FunctionCallContent("call", "poll", new Dictionary<string, object?> { ["n"] = 1 })
        {
            InformationalOnly = true,
            Exception = new InvalidOperationException(),
            Annotations = [new CitationAnnotation()],
            AdditionalProperties = new() { ["k"] = "v" },
            RawRepresentation = new object(),
        };
        var settable = typeof(FunctionCallContent).GetProperties().Where(property => property.Name != nameof(call.CallId)).ToList();
        settable.Should().OnlyContain(property => !Equals(property.GetValue(call), property.GetValue(new FunctionCallContent("call", ""))), "each is set above");
        Model.Answer = FakeModel.Saying(call);
        await AskAsync("one", new ConversationChatOptions { IdempotencyKey = "one" });

        var response = await AskAsync("two", new ConversationChatOptions { IdempotencyKey = "two" });

        var returned = response.Messages.Single().Contents.Single().Should().BeOfType<FunctionCallContent>().Subject;
        returned.CallId.Should().Be("call").And.NotBeSameAs(call.CallId);
        settable.Should().OnlyContain(property => Equals(property.GetValue(returned), property.GetValue(call)));
    }

    private static List<object?> FieldsOf(ChatOptions options) =>
        [.. new[] { typeof(ConversationChatOptions), typeof(ChatOptions) }.SelectMany(type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)).Select(field => field.GetValue(options))];

    private async Task<ConversationChatOptions> OptionsAsync(bool namesConversation) =>
        new() { IdempotencyKey = "key", ConversationId = namesConversation ? (await AskAsync()).ConversationId : null };

    private void CallFunctions(string ids) => Model.Answer = (prompt, _) =>
    {
        var results = prompt.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Count();
        if (_fails && results == 2)
            throw new HttpRequestException("429");
        return Task.FromResult(new ChatResponse(results == Calls
            ? new ChatMessage(ChatRole.Assistant, "done")
            : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent(ids switch { "same" => "call", "empty" => "", _ => $"call_{results}" }, "poll")])));
    };

    /// <summary>Sends a request that waits in its second function, while its second call is open.</summary>
    private async Task<(Task<ChatResponse> Response, TaskCompletionSource Released)> SendUntilSecondCallAsync(bool streamed, ConversationChatOptions options)
    {
        var (reached, released) = (new TaskCompletionSource(), new TaskCompletionSource());
        var response = SendAsync(Caller("first", async number =>
        {
            if (number == 2)
            {
                reached.SetResult();
                await released.Task;
            }
        }), streamed, [User("Poll.")], options);
        await reached.Task.WaitAsync(Cancellation);
        return (response, released);
    }

    /// <summary>Creates a client around the conversations whose function returns the name and how often it was called.</summary>
    private Replays.FunctionCaller Caller(string name, Func<int, Task>? before = null) => new(Client, FunctionOf(name, before));

    private static Func<FunctionCallContent, Task<object?>> FunctionOf(string name, Func<int, Task>? before = null)
    {
        var number = 0;
        return async _ =>
        {
            number++;
            if (before is not null)
                await before(number);
            return $"{name} {number}";
        };
    }

    private async Task<List<string>> ResultsAsync(ChatResponse response) =>
        [.. (await StoredAsync(response.ConversationId)).SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => result.Content)];

    /// <summary>Copies the options of each request, as middleware that configures them does.</summary>
    private sealed class OptionsCopier(IChatClient innerClient) : DelegatingChatClient(innerClient)
    {
        public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetResponseAsync(messages, options?.Clone(), cancellationToken);

        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetStreamingResponseAsync(messages, options?.Clone(), cancellationToken);
    }
}
