using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Approvals from request to result.</summary>
public sealed class ApprovalTests : ApprovalTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approved_call_runs_once(bool streamed)
    {
        var (asked, requests) = await RequestAsync(streamed);
        Ran.Should().BeEmpty();

        var response = await RespondAsync(streamed, asked.ConversationId, requests.Single().CreateResponse(approved: true));

        Ran.Should().Equal("delete a");
        response.Text.Should().Be("Done.");
        response.ConversationId.Should().Be(asked.ConversationId);
        (await StoredAsync(asked.ConversationId)).Select(message => (message.Role, message.Kind)).Should().Equal(
            (MessageRole.User, MessageKind.Message), (MessageRole.Assistant, MessageKind.ToolCall), (MessageRole.User, MessageKind.ToolResult),
            (MessageRole.Assistant, MessageKind.ToolCall), (MessageRole.Tool, MessageKind.ToolResult), (MessageRole.Assistant, MessageKind.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rejected_call_does_not_run_and_the_model_learns_why(bool streamed)
    {
        var (asked, requests) = await RequestAsync(streamed);

        var response = await RespondAsync(streamed, asked.ConversationId, requests.Single().CreateResponse(approved: false, "I need it."));

        Ran.Should().BeEmpty();
        response.Text.Should().Be("Done.");
        Model.LastPrompt[^1].Contents.OfType<FunctionResultContent>().Single().Result!.ToString().Should().Contain("I need it.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_that_waits_for_an_approval_requires_action_and_is_listed(bool streamed)
    {
        var (asked, requests) = await RequestAsync(streamed);

        var waiting = await Alice.GetRunsAsync(asked.ConversationId!, Cancellation).FirstAsync(Cancellation);
        await RespondAsync(streamed, asked.ConversationId, requests.Single().CreateResponse(approved: true));

        (waiting.Status, waiting.Id).Should().Be((RunStatus.RequiresAction, (await RunAsync(asked)).Id));
        (await StatusesAsync(asked.ConversationId)).Should().Equal(RunStatus.Completed, RunStatus.RequiresAction);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Next_prompt_shows_call_and_result_and_no_approval(bool streamed)
    {
        var (asked, requests) = await RequestAsync(streamed);
        await RespondAsync(streamed, asked.ConversationId, requests.Single().CreateResponse(approved: true));
        Calls.Clear();

        await RequestAsync(streamed, "Thanks.", asked.ConversationId);

        Model.LastPrompt.Select(message => message.Role).Should().Equal(ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant, ChatRole.User);
        Model.LastPrompt.SelectMany(message => message.Contents).Should().NotContain(content => content is InputRequestContent || content is InputResponseContent);
        Ran.Should().Equal("delete a");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approvals_work_turn_after_turn_if_the_provider_repeats_call_ids(bool streamed)
    {
        string? conversationId = null;
        var ids = new List<string>();
        foreach (var file in (string[])["a", "b", "c"])
        {
            Calls[0] = Call("delete", file);
            var (asked, requests) = await RequestAsync(streamed, $"Delete {file}.", conversationId);
            conversationId = asked.ConversationId;
            ids.Add(requests.Single().RequestId);
            await RespondAsync(streamed, conversationId, requests.Single().CreateResponse(approved: true));
        }

        Ran.Should().Equal("delete a", "delete b", "delete c");
        ids.Should().OnlyHaveUniqueItems();
        var calls = Model.LastPrompt.SelectMany(message => message.Contents).OfType<FunctionCallContent>().Select(call => call.CallId).ToList();
        calls.Should().OnlyHaveUniqueItems().And.HaveCount(3);
        Model.LastPrompt.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(result => result.CallId).Should().Equal(calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_approvals_of_one_answer_work_if_the_provider_repeats_call_ids(bool streamed)
    {
        Calls.Add(Call("delete", "b"));
        var (asked, requests) = await RequestAsync(streamed);

        await RespondAsync(streamed, asked.ConversationId, requests[0].CreateResponse(approved: false), requests[1].CreateResponse(approved: true));

        requests.Select(request => request.RequestId).Should().OnlyHaveUniqueItems();
        Ran.Should().Equal("delete b");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Functions_without_approval_wait_for_the_approval_of_those_beside_them(bool streamed)
    {
        Calls.Add(Call("read", "b", "call_1"));
        var (asked, requests) = await RequestAsync(streamed);
        Ran.Should().BeEmpty();

        await RespondAsync(streamed, asked.ConversationId, requests.Select(request => request.CreateResponse(approved: true)));

        Ran.Should().BeEquivalentTo("delete a", "read b");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_requires_action_until_every_request_of_an_answer_has_a_response(bool streamed)
    {
        Calls.Add(Call("delete", "b"));
        var (asked, requests) = await RequestAsync(streamed);

        var first = await RespondAsync(streamed, asked.ConversationId, requests[1].CreateResponse(approved: true));
        var statuses = await StatusesAsync(asked.ConversationId);
        var askedOfModel = Model.Requests.Count;
        var ran = Ran.ToList();
        var second = await RespondAsync(streamed, asked.ConversationId, requests[0].CreateResponse(approved: false));

        first.Messages.SelectMany(message => message.Contents).Should().BeEmpty();
        first.ConversationId.Should().Be(asked.ConversationId);
        statuses.Should().Equal(RunStatus.RequiresAction, RunStatus.RequiresAction);
        (askedOfModel, ran.Count).Should().Be((1, 0), "the model is not asked and nothing runs before all have decided");
        second.Text.Should().Be("Done.");
        Ran.Should().Equal("delete b");
        (await StatusesAsync(asked.ConversationId)).Should().Equal(RunStatus.Completed, RunStatus.RequiresAction, RunStatus.RequiresAction);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Response_that_is_sent_again_with_its_key_is_a_replay(bool streamed)
    {
        var (asked, requests) = await RequestAsync(streamed);
        ChatMessage[] approval = [new(ChatRole.User, [requests.Single().CreateResponse(approved: true)])];
        var first = await SendAsync(Guarded, streamed, approval, Options(asked.ConversationId, "approval"));

        var again = await SendAsync(Guarded, streamed, approval, Options(asked.ConversationId, "approval"));

        Ran.Should().Equal("delete a");
        again.Text.Should().Be(first.Text);
        again.AdditionalProperties![ConversationChatProperties.IsReplay].Should().Be(true);
    }

    [Fact]
    public async Task Other_decision_with_the_same_key_is_refused()
    {
        var (asked, requests) = await RequestAsync();
        await Guarded.GetResponseAsync([new(ChatRole.User, [requests.Single().CreateResponse(approved: false)])], Options(asked.ConversationId, "approval"), Cancellation);

        var changing = () => Guarded.GetResponseAsync([new(ChatRole.User, [requests.Single().CreateResponse(approved: true)])], Options(asked.ConversationId, "approval"), Cancellation);

        await changing.Should().ThrowAsync<IdempotencyMismatchException>();
        Ran.Should().BeEmpty();
    }

    [Fact]
    public async Task One_key_serves_question_and_approval()
    {
        var options = Options(key: "key");
        var asked = await Guarded.GetResponseAsync([User("Clean up.")], options, Cancellation);

        var response = await Guarded.GetResponseAsync([new(ChatRole.User, [RequestsOf(asked).Single().CreateResponse(approved: true)])], options, Cancellation);

        response.Text.Should().Be("Done.");
        Ran.Should().Equal("delete a");
    }

    [Fact]
    public async Task Approval_whose_answer_failed_is_answered_when_it_is_sent_again_with_its_key()
    {
        var (asked, requests) = await RequestAsync();
        ChatMessage[] approval = [new(ChatRole.User, [requests.Single().CreateResponse(approved: true)])];
        var answer = Model.Answer;
        Model.Answer = static (_, _) => throw new HttpRequestException("429");
        await FluentActions.Awaiting(() => Guarded.GetResponseAsync(approval, Options(asked.ConversationId, "approval"), Cancellation)).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = answer;

        var response = await Guarded.GetResponseAsync(approval, Options(asked.ConversationId, "approval"), Cancellation);

        response.Text.Should().Be("Done.");
    }

    [Fact]
    public async Task Text_beside_a_response_goes_to_the_model()
    {
        var (asked, requests) = await RequestAsync();

        await RespondAsync(asked.ConversationId, new TextContent("Go on, then."), requests.Single().CreateResponse(approved: true));

        Ran.Should().Equal("delete a");
        Model.LastPrompt.Should().Contain(message => message.Role == ChatRole.User && message.Text == "Go on, then.");
    }

    [Fact]
    public async Task Request_is_shown_whatever_the_history_limit()
    {
        var (asked, requests) = await RequestAsync();
        var options = Options(asked.ConversationId);
        options.HistoryLimit = 1;

        await Guarded.GetResponseAsync([new(ChatRole.User, [requests.Single().CreateResponse(approved: true)])], options, Cancellation);

        Ran.Should().Equal("delete a");
    }

    [Fact]
    public async Task Answer_to_an_approval_that_is_given_again_asks_again()
    {
        var (asked, requests) = await RequestAsync();
        var answered = await RespondAsync(asked.ConversationId, requests.Single().CreateResponse(approved: true));

        var options = Options(asked.ConversationId);
        options.RegenerateMessageId = answered.Messages[^1].MessageId;
        var again = await Guarded.GetResponseAsync([], options, Cancellation);

        Ran.Should().Equal(["delete a"], "what was approved once is not approved again");
        RequestsOf(again).Should().ContainSingle();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Provider_gets_its_own_id_of_a_request(bool streamed)
    {
        var call = new McpServerToolCallContent("mcp_1", "search", "files");
        Model.Answer = FakeModel.Saying(new ToolApprovalRequestContent("mcpr_7", call));
        var asked = await SendAsync(Client, streamed, [User("Search.")]);
        Model.Answer = FakeModel.Saying(new TextContent("Found."));

        await SendAsync(Client, streamed, [new ChatMessage(ChatRole.User, [RequestsOf(asked).Single().CreateResponse(approved: true)])]);

        var contents = Model.LastPrompt.SelectMany(message => message.Contents).ToList();
        contents.OfType<ToolApprovalRequestContent>().Single().RequestId.Should().Be("mcpr_7");
        var response = contents.OfType<ToolApprovalResponseContent>().Single();
        (response.RequestId, response.Approved).Should().Be(("mcpr_7", true));
        response.ToolCall.Should().BeOfType<McpServerToolCallContent>().Which.Name.Should().Be("search");
    }
}
