namespace Conversations.Tests.Manager;

public sealed class ApprovalTestsInMemory : ApprovalTests<InMemory>;

public sealed class ApprovalTestsOnSqlite : ApprovalTests<Sqlite>;

/// <summary>Requests for approvals and their responses, without an adapter.</summary>
public abstract class ApprovalTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Approvals_has_the_stored_request_with_its_response()
    {
        var asked = await RequestAsync("r1");
        IReadOnlyList<TurnApproval>? approvals = null;

        await Alice.RunTurnAsync(Respond("r1"), (turn, _) =>
        {
            approvals = turn.Approvals;
            turn.Add(ConversationMessage.Assistant("done"));
            return Task.CompletedTask;
        }, Cancellation);

        approvals.Should().Equal(new TurnApproval(Asked("r1"), Response("r1")));
        (await StatusesAsync(asked)).Should().Equal(RunStatus.Completed, RunStatus.RequiresAction);
    }

    [Fact]
    public async Task Approvals_is_empty_without_a_response()
    {
        await RequestAsync("r1");

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "never mind"), Cancellation);

        turn.Approvals.Should().BeEmpty();
    }

    [Fact]
    public async Task Commit_requires_action_while_a_request_has_no_response()
    {
        var asked = await RequestAsync("r1", "r2");

        await Alice.RunTurnAsync(Respond("r2"), Nothing, Cancellation);
        var approvals = new List<TurnApproval>();
        await Alice.RunTurnAsync(Respond("r1"), (turn, _) =>
        {
            approvals.AddRange(turn.Approvals);
            turn.Add(ConversationMessage.Assistant("done"));
            return Task.CompletedTask;
        }, Cancellation);

        (await StatusesAsync(asked)).Should().Equal(RunStatus.Completed, RunStatus.RequiresAction, RunStatus.RequiresAction);
        approvals.Should().Equal(new TurnApproval(Asked("r1"), Response("r1")), new TurnApproval(Asked("r2"), Response("r2")));
    }

    [Fact]
    public async Task RunTurn_is_refused_when_message_beside_response_would_close_another_request()
    {
        var asked = await RequestAsync("r1", "r2");
        var request = new TurnRequest(Bot, [new ConversationMessage(MessageRole.User, Response("r1")), ConversationMessage.User("and hurry")]);

        var answering = () => Alice.RunTurnAsync(request, Nothing, Cancellation);

        await answering.Should().ThrowAsync<ToolCallNotOpenException>();
        (await StatusesAsync(asked)).Should().Equal(RunStatus.RequiresAction);
    }

    [Fact]
    public async Task RunTurn_answers_when_message_is_beside_all_responses()
    {
        var asked = await RequestAsync("r1", "r2");
        var request = new TurnRequest(Bot, [new ConversationMessage(MessageRole.User, Response("r1"), Response("r2")), ConversationMessage.User("and hurry")]);

        await Alice.RunTurnAsync(request, Say("done"), Cancellation);

        (await StatusesAsync(asked)).Should().Equal(RunStatus.Completed, RunStatus.RequiresAction);
    }

    [Theory]
    [InlineData("r2")]
    [InlineData("R1")]
    [InlineData("r1", "r1")]
    [InlineData("r1", "r2")]
    public async Task BeginTurn_refuses_a_response_that_answers_no_open_request_and_writes_nothing(params string[] responses)
    {
        var asked = await RequestAsync("r1");
        var before = await Alice.GetAsync(asked.ConversationId!, Cancellation);

        var responding = () => Alice.BeginTurnAsync(Respond(responses), Cancellation);

        (await responding.Should().ThrowAsync<ToolCallNotOpenException>()).Which.Code.Should().Be("CALL_NOT_OPEN");
        (await Alice.GetAsync(asked.ConversationId!, Cancellation)).Should().Be(before);
        (await Alice.ExplainAsync(Respond(responses), Cancellation)).Refusal.Should().Be("CALL_NOT_OPEN");
    }

    [Fact]
    public async Task BeginTurn_refuses_a_response_that_follows_other_input_and_writes_nothing()
    {
        var asked = await RequestAsync("r1");
        var before = await Alice.GetAsync(asked.ConversationId!, Cancellation);
        var request = new TurnRequest(Bot, ConversationMessage.User("wait"), new ConversationMessage(MessageRole.User, Response("r1")));

        var responding = () => Alice.BeginTurnAsync(request, Cancellation);

        await responding.Should().ThrowAsync<ToolCallNotOpenException>();
        (await Alice.GetAsync(asked.ConversationId!, Cancellation)).Should().Be(before);
    }

    [Fact]
    public async Task BeginTurn_refuses_a_response_to_a_call_and_a_result_for_a_request()
    {
        await Alice.RunTurnAsync(Bot, "pay", (turn, _) =>
        {
            turn.Add(new ConversationMessage(MessageRole.Assistant, new ToolCallPart("a", "pay", "{}"), Asked("b")));
            return Task.CompletedTask;
        }, Cancellation);

        var responding = () => Alice.BeginTurnAsync(Respond("a"), Cancellation);
        var returning = () => Alice.BeginTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("b", "forged")), Cancellation);

        await responding.Should().ThrowAsync<ToolCallNotOpenException>();
        await returning.Should().ThrowAsync<ToolCallNotOpenException>();
    }

    [Fact]
    public async Task BeginTurn_refuses_a_response_to_a_request_of_a_failed_turn()
    {
        await FluentActions.Awaiting(() => Alice.RunTurnAsync(Bot, "pay", (turn, _) =>
        {
            turn.Add(new ConversationMessage(MessageRole.Assistant, Asked("r1")));
            throw new InvalidOperationException("broken");
        }, Cancellation)).Should().ThrowAsync<InvalidOperationException>();

        var responding = () => Alice.BeginTurnAsync(Respond("r1"), Cancellation);

        await responding.Should().ThrowAsync<ToolCallNotOpenException>("its answer is incomplete");
    }

    [Fact]
    public async Task BeginTurn_that_is_not_stored_refuses_responses()
    {
        var responding = () => Manager.BeginTurnAsync(Respond("r1"), Cancellation);

        await responding.Should().ThrowAsync<ToolCallNotOpenException>();
        (await Manager.ExplainAsync(Respond("r1"), Cancellation)).Refusal.Should().Be("CALL_NOT_OPEN");
    }

    [Fact]
    public async Task BeginTurn_with_the_key_of_a_response_replays_it_and_refuses_another_decision()
    {
        await RequestAsync("r1");
        var request = Respond("r1") with { IdempotencyKey = "key" };
        var first = await Alice.RunTurnAsync(request, Say("done"), Cancellation);

        var again = await Alice.RunTurnAsync(request, Say("done twice"), Cancellation);
        var other = new TurnRequest(Bot, new ConversationMessage(MessageRole.User, new ApprovalResponsePart("r1", """{"approved":false}"""))) { IdempotencyKey = "key" };
        var changing = () => Alice.RunTurnAsync(other, Say("no"), Cancellation);

        again.Should().BeEquivalentTo(new { IsReplay = true, first.RunId });
        await changing.Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task Regenerate_has_no_approvals()
    {
        await RequestAsync("r1");
        var answered = await Alice.RunTurnAsync(Respond("r1"), Say("done"), Cancellation);

        await using var again = await Alice.BeginRegenerateAsync(new RegenerateRequest(answered.ReplyMessageId!), Cancellation);

        again.Approvals.Should().BeEmpty("what was approved once is not approved again");
    }

    [Fact]
    public async Task Prompt_has_a_request_with_its_response_whatever_the_limit_and_no_response_without_its_request()
    {
        var asked = await RequestAsync("r1");
        var request = Respond("r1") with { HistoryLimit = 1 };

        await using (var turn = await Alice.BeginTurnAsync(request, Cancellation))
        {
            turn.Prompt.Skip(1).SelectMany(message => message.Parts).Should().Equal(Asked("r1"), Response("r1"));
            turn.Add(ConversationMessage.Assistant("done"));
            await turn.CommitAsync(Cancellation);
        }

        await Manager.DeleteMessageAsync(asked.Messages[0].Id!, Cancellation);
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "next"), Cancellation);

        next.Prompt.SelectMany(message => message.Parts).Should().NotContain(part => part is ApprovalResponsePart);
    }

    [Fact]
    public void TurnRequest_refuses_what_only_an_agent_adds()
    {
        foreach (ContentPart part in new ContentPart[] { Asked("r"), new ToolCallPart("c", "f", "{}"), new ToolResultPart("c", "x") })
        {
            var alone = () => new TurnRequest(Bot, new ConversationMessage(MessageRole.User, part));
            var besideText = () => new TurnRequest(Bot, new ConversationMessage(MessageRole.User, new TextPart("a"), part));

            alone.Should().Throw<ArgumentException>();
            besideText.Should().Throw<ArgumentException>();
        }

        var asTool = () => new TurnRequest(Bot, new ConversationMessage(MessageRole.Tool, Response("r")));
        var withText = () => new TurnRequest(Bot, new ConversationMessage(MessageRole.User, new TextPart("a"), Response("r")));
        asTool.Should().Throw<ArgumentException>();
        withText.Should().Throw<ArgumentException>();
    }

    private static ApprovalRequestPart Asked(string id) => new(id, """{"tool":"pay"}""");

    private static ApprovalResponsePart Response(string id) => new(id, """{"approved":true}""");

    private static TurnRequest Respond(params IEnumerable<string> ids) => new(Bot, new ConversationMessage(MessageRole.User, [.. ids.Select(Response)]));

    private static Task Nothing(ConversationTurn turn, CancellationToken cancellationToken) => Task.CompletedTask;

    private Task<TurnResult> RequestAsync(params string[] ids) => Alice.RunTurnAsync(Bot, "pay", (turn, _) =>
    {
        turn.Add(new ConversationMessage(MessageRole.Assistant, ids.Select(Asked)));
        return Task.CompletedTask;
    }, Cancellation);

    private async Task<List<RunStatus>> StatusesAsync(TurnResult result) =>
        await Alice.GetRunsAsync(result.ConversationId!, Cancellation).Select(run => run.Status).ToListAsync(Cancellation);
}
