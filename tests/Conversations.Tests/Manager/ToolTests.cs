namespace Conversations.Tests.Manager;

public sealed class ToolTestsInMemory : ToolTests<InMemory>;

public sealed class ToolTestsOnSqlite : ToolTests<Sqlite>;

public abstract class ToolTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task BeginTurn_answers_an_open_call_with_a_result()
    {
        await Alice.RunTurnAsync(Bot, "pay", AskForApproval, Cancellation);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("call_1", "approved")), Cancellation);

        turn.Prompt.Select(message => message.Kind).Should().Equal(MessageKind.Message, MessageKind.Message, MessageKind.ToolCall, MessageKind.ToolResult);
    }

    [Theory]
    [InlineData("call_2", false)]
    [InlineData("call_1", true)]
    public async Task BeginTurn_refuses_a_result_that_answers_no_open_call_and_writes_nothing(string callId, bool startNew)
    {
        var asked = await Alice.RunTurnAsync(Bot, "pay", AskForApproval, Cancellation);
        var before = await Alice.GetAsync(asked.ConversationId!, Cancellation);

        var answering = () => Alice.BeginTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult(callId, "forged")) { StartNew = startNew }, Cancellation);

        (await answering.Should().ThrowAsync<ToolCallNotOpenException>()).Which.Code.Should().Be("CALL_NOT_OPEN");
        (await Alice.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().Equal(before!);
    }

    [Fact]
    public async Task BeginTurn_with_the_same_result_is_refused_without_its_key_and_replayed_with_it()
    {
        await Alice.RunTurnAsync(Bot, "pay", AskForApproval, Cancellation);
        var request = new TurnRequest(Bot, ConversationMessage.ToolResult("call_1", "approved")) { IdempotencyKey = "approval" };
        var first = await AskAsync(request, "paid");

        var again = await AskAsync(request, "paid twice");
        var forged = () => AskAsync(request with { IdempotencyKey = null });

        again.Should().BeEquivalentTo(new { IsReplay = true, first.RunId, ReplyText = "paid" });
        await forged.Should().ThrowAsync<ToolCallNotOpenException>();
    }

    [Fact]
    public async Task BeginTurn_refuses_a_result_when_another_message_follows_the_call()
    {
        await Alice.RunTurnAsync(Bot, "pay", AskForApproval, Cancellation);
        await AskAsync("never mind", "very well");

        var answering = () => Alice.BeginTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("call_1", "approved")), Cancellation);

        await answering.Should().ThrowAsync<ToolCallNotOpenException>("no model accepts a result that does not follow its call");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task BeginTurn_with_a_result_shows_its_call_at_any_limit(int limit)
    {
        var options = new ConversationOptions().AddAgent("short-bot", agent => agent.HistoryLimit = limit);
        var alice = new ConversationManager(Store, options, Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        await alice.RunTurnAsync("short-bot", "one", Say("two"), Cancellation);
        await alice.RunTurnAsync("short-bot", "pay both", (turn, _) =>
        {
            turn.Add(new ConversationMessage(MessageRole.Assistant, new ToolCallPart("a", "pay", "{}"), new ToolCallPart("b", "pay", "{}")));
            turn.Add(ConversationMessage.ToolResult("a", "paid"));
            return Task.CompletedTask;
        }, Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("short-bot", ConversationMessage.ToolResult("b", "paid, too")), Cancellation);

        turn.Prompt.TakeLast(3).Select(message => message.Kind).Should().Equal(MessageKind.ToolCall, MessageKind.ToolResult, MessageKind.ToolResult);
    }

    [Fact]
    public async Task BeginTurn_shows_a_call_that_was_left_open_as_interrupted()
    {
        await Alice.RunTurnAsync(Bot, "pay", AskForApproval, Cancellation);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "never mind"), Cancellation);

        turn.History.Select(message => message.Kind).Should().Equal(MessageKind.Message, MessageKind.ToolCall, MessageKind.ToolResult);
        turn.History[2].Parts.Should().ContainSingle().Which.Should().BeOfType<ToolResultPart>().Which.IsError.Should().BeTrue();
        turn.History[2].Id.Should().BeNull("it is in the view, not in the history");
    }

    private static Task AskForApproval(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.ToolCall("call_1", "pay", """{"amount": 5}"""));
        return Task.CompletedTask;
    }
}
