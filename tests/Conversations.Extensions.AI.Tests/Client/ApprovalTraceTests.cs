using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>What the model sees of requests for approvals that led to no call.</summary>
public sealed class ApprovalTraceTests : ApprovalTest
{
    private const string NotApproved = "The call was not approved. The function did not run.";
    private const string NotDecided = "The function did not run, because a call beside it was not approved.";
    private const string Interrupted = "The call was approved and then interrupted; its result is not known.";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_without_a_response_is_shown_as_a_call_that_was_not_approved(bool streamed)
    {
        var (asked, _) = await RequestAsync(streamed);
        Model.Answer = FakeModel.Saying(new TextContent("Fine."));

        await SendAsync(Guarded, streamed, [User("Never mind.")], Options(asked.ConversationId));

        Shown(Model.LastPrompt).Should().Equal("user: Clean up.", "assistant: Let me see.|call_0", $"tool: call_0={NotApproved}", "assistant: [No answer was given.]", "user: Never mind.");
        Model.LastPrompt[1].Contents.OfType<FunctionCallContent>().Should().OnlyContain(call => call.InformationalOnly);
        var before = Shown(Model.LastPrompt);
        await SendAsync(Guarded, streamed, [User("And now?")], Options(asked.ConversationId));
        Shown(Model.LastPrompt).Should().StartWith(before).And.HaveCount(before.Count + 2);
    }

    [Fact]
    public async Task Each_request_of_an_answer_is_shown_under_an_id_of_its_own()
    {
        Calls.Add(Call("read", "b"));
        var (asked, _) = await RequestAsync();
        Model.Answer = FakeModel.Saying(new TextContent("Fine."));

        await SendAsync(Guarded, streamed: false, [User("Never mind.")], Options(asked.ConversationId));

        Shown(Model.LastPrompt)[1..3].Should().Equal("assistant: Let me see.|call_0|call_0_2", $"tool: call_0={NotApproved}|call_0_2={NotApproved}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Approved_call_beside_one_without_a_response_is_shown_as_one_that_did_not_run(bool streamed)
    {
        Calls.Add(Call("delete", "b", "call_1"));
        var (asked, requests) = await RequestAsync(streamed);
        await RespondAsync(streamed, asked.ConversationId, requests[0].CreateResponse(approved: true));
        Model.Answer = FakeModel.Saying(new TextContent("Fine."));

        await SendAsync(Guarded, streamed, [User("Never mind.")], Options(asked.ConversationId));

        Ran.Should().BeEmpty();
        Shown(Model.LastPrompt).Should().Equal("user: Clean up.", "assistant: Let me see.|call_0|call_1", $"tool: call_0={NotDecided}|call_1={NotApproved}", "assistant: [No answer was given.]", "user: Never mind.");
    }

    [Theory]
    [InlineData(true, Interrupted)]
    [InlineData(false, NotApproved)]
    public async Task Response_whose_turn_failed_is_shown(bool approved, string result)
    {
        var (asked, requests) = await RequestAsync();
        Model.Answer = static (_, _) => throw new HttpRequestException("down");
        await FluentActions.Awaiting(() => RespondAsync(asked.ConversationId, requests[0].CreateResponse(approved))).Should().ThrowAsync<HttpRequestException>();
        Model.Answer = FakeModel.Saying(new TextContent("Fine."));

        await SendAsync(Guarded, streamed: false, [User("Well?")], Options(asked.ConversationId));

        Shown(Model.LastPrompt).Should().Equal("user: Clean up.", "assistant: Let me see.|call_0", $"tool: call_0={result}", "assistant: [No answer was given.]", "user: Well?");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_that_was_answered_is_shown_by_its_call_alone(bool streamed)
    {
        var (asked, requests) = await RequestAsync(streamed);
        await RespondAsync(streamed, asked.ConversationId, requests[0].CreateResponse(approved: true));
        var answering = Shown(Model.LastPrompt);

        Model.Answer = FakeModel.Saying(new TextContent("Bye."));
        await SendAsync(Guarded, streamed, [User("Thanks.")], Options(asked.ConversationId));

        Shown(Model.LastPrompt).Should().Equal("user: Clean up.", "assistant: Let me see.|call_0", "tool: call_0=ok", "assistant: Done.", "user: Thanks.");
        answering.Should().Equal("user: Clean up.", "assistant: Let me see.", "assistant: call_0", "tool: call_0=ok");
    }

    [Fact]
    public async Task Earlier_request_without_a_response_stays_where_it_was_while_another_is_answered()
    {
        var (first, _) = await RequestAsync();
        var (second, requests) = await RequestAsync(text: "Again.", conversationId: first.ConversationId);

        await RespondAsync(second.ConversationId, requests[0].CreateResponse(approved: true));

        Ran.Should().Equal("delete a");
        Shown(Model.LastPrompt)[..5].Should().Equal("user: Clean up.", "assistant: Let me see.|call_0", $"tool: call_0={NotApproved}", "assistant: [No answer was given.]", "user: Again.");
    }

    private static List<string> Shown(IEnumerable<ChatMessage> prompt) => [.. prompt.Select(message => $"{message.Role}: " + string.Join('|', message.Contents.Select(content => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => call.CallId,
        FunctionResultContent result => $"{result.CallId}={result.Result}",
        _ => content.GetType().Name,
    })))];
}
