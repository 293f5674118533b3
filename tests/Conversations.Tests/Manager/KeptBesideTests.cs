namespace Conversations.Tests.Manager;

public sealed class KeptBesideTestsInMemory : KeptBesideTests<InMemory>;

public sealed class KeptBesideTestsOnSqlite : KeptBesideTests<Sqlite>;

/// <summary>What is stored in addition to the content: metadata of messages and parts, and finish reasons.</summary>
public abstract class KeptBesideTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string Json = """{ "author" : "Zoë" }""";

    private static readonly ConversationMessage Question = new(MessageRole.User, new TextPart("pay the invoice") { Metadata = """{"language":"en"}""" }) { Metadata = Json };

    private static readonly ConversationMessage Answer =
        new(MessageRole.Assistant, new ReasoningPart("Hm.") { ProtectedData = "signed" }, new TextPart("paid") { Metadata = """{"cited":[1]}""" }) { Metadata = """{"id":"resp_1"}""" };

    [Fact]
    public async Task Turn_keeps_the_metadata_of_its_input_and_output()
    {
        List<ConversationMessage> prompt = [];
        var asked = await Alice.RunTurnAsync(new TurnRequest(Bot, Question), (turn, _) =>
        {
            prompt.AddRange(turn.Prompt);
            turn.Add(Answer).Metadata.Should().Be(Answer.Metadata);
            turn.Model = "model";
            return Task.CompletedTask;
        }, Cancellation);

        var messages = await MessagesAsync(asked.ConversationId);
        messages.Select(message => message.Content()).Should().Equal(Question, Answer);
        prompt[^1].Content().Should().Be(Question);
        asked.Messages.Should().Equal(messages[1]);
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "next"), Cancellation);
        next.Model = "model";
        next.History.Select(message => message.Content()).Should().Equal([Question, Answer], "an adapter finds in it what its provider wants back");
    }

    [Fact]
    public async Task Results_keep_their_metadata()
    {
        await Alice.RunTurnAsync(Bot, "look", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.ToolCall("1", "look", "{}") with { Metadata = Json })), Cancellation);
        var result = new ConversationMessage(MessageRole.Tool, new ToolResultPart("1", "seen") { Metadata = """{"took":7}""" }) { Metadata = Json };

        var asked = await AskAsync(new TurnRequest(Bot, result));

        (await MessagesAsync(asked.ConversationId)).Skip(1).Select(message => (message.Metadata, message.Parts[0].Metadata)).Should()
            .Equal((Json, null), (Json, """{"took":7}"""), (null, null));
    }

    [Fact]
    public async Task Import_and_fork_keep_metadata()
    {
        var imported = await Manager.ImportAsync(new ConversationImport(Bot, [Question, Answer]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);
        var fork = await Alice.ForkAsync(ConversationIds.Message(imported.Id, 2), cancellationToken: Cancellation);

        (await MessagesAsync(imported.Id)).Select(message => message.Content()).Should().Equal(Question, Answer);
        (await MessagesAsync(fork.Id)).Select(message => message.Content()).Should().Equal(Question, Answer);
    }

    [Fact]
    public async Task Regenerate_and_restore_keep_metadata()
    {
        var asked = await Alice.RunTurnAsync(new TurnRequest(Bot, Question), (turn, _) => Task.FromResult(turn.Add(Answer)), Cancellation);
        ConversationMessage? input = null;

        await Alice.RegenerateAsync(asked.ReplyMessageId!, (turn, token) =>
        {
            input = turn.Prompt[^1];
            return Say("paid again")(turn, token);
        }, Cancellation);
        await Alice.RestoreAsync(asked.ReplyMessageId!, cancellationToken: Cancellation);

        input!.Content().Should().Be(Question);
        (await MessagesAsync(asked.ConversationId)).Select(message => message.Content()).Should().Equal(Question, Answer);
    }

    [Fact]
    public async Task Replay_returns_the_stored_metadata_and_ignores_that_of_the_request()
    {
        var request = new TurnRequest(Bot, Question) { IdempotencyKey = "event" };
        var first = await Alice.RunTurnAsync(request, (turn, _) => Task.FromResult(turn.Add(Answer)), Cancellation);

        var other = Question with { Parts = [new TextPart("pay the invoice") { Metadata = """{"language":"de"}""" }], Metadata = """{"attempt":2}""" };
        var again = await AskAsync(new TurnRequest(Bot, other) { IdempotencyKey = "event" }, "paid twice");
        var plain = await AskAsync(new TurnRequest(Bot, "pay the invoice") { IdempotencyKey = "event" }, "paid twice");

        again.Should().BeEquivalentTo(new { IsReplay = true, first.RunId });
        again.Messages.Should().Equal(first.Messages);
        plain.RunId.Should().Be(first.RunId);
        (await MessagesAsync(first.ConversationId)).Select(message => message.Content()).Should().Equal(Question, Answer);
    }

    [Fact]
    public async Task Retry_with_other_metadata_runs_on_the_saved_input()
    {
        var failing = () => Alice.RunTurnAsync(new TurnRequest(Bot, Question) { IdempotencyKey = "event" }, (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        ConversationMessage? input = null;

        await Alice.RunTurnAsync(new TurnRequest(Bot, Question with { Metadata = """{"attempt":2}""" }) { IdempotencyKey = "event" }, (turn, token) =>
        {
            input = turn.Prompt[^1];
            return Say("paid")(turn, token);
        }, Cancellation);

        input!.Content().Should().Be(Question);
    }

    [Fact]
    public async Task Key_is_refused_when_more_than_metadata_differs()
    {
        await AskAsync(new TurnRequest(Bot, Question) { IdempotencyKey = "event" });

        var asking = () => AskAsync(new TurnRequest(Bot, Question with { Parts = [new TextPart("pay both") { Metadata = Question.Parts[0].Metadata }] }) { IdempotencyKey = "event" });

        await asking.Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task Run_and_its_replay_have_the_finish_reason()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "event" };
        var asked = await Alice.RunTurnAsync(request, Stopping("length"), Cancellation);
        var again = await Alice.RunTurnAsync(request, Stopping("stop"), Cancellation);

        again.IsReplay.Should().BeTrue();
        (await RunAsync(again.RunId)).FinishReason.Should().Be("length");
        (await Alice.GetRunsAsync(asked.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.FinishReason.Should().Be("length");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" \t", null)]
    [InlineData("content_filter", "content_filter")]
    public async Task FinishReason_is_null_when_it_is_blank(string? set, string? kept)
    {
        var asked = await Alice.RunTurnAsync(Bot, "hello", Stopping(set), Cancellation);

        (await RunAsync(asked.RunId)).FinishReason.Should().Be(kept);
    }

    [Fact]
    public async Task Run_has_the_finish_reason_when_it_failed_or_was_cancelled()
    {
        await using var failed = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);
        failed.FinishReason = "content_filter";
        await failed.FailAsync(new TimeoutException());
        var cancelled = await Alice.BeginTurnAsync(new TurnRequest(Bot, "two"), Cancellation);
        cancelled.FinishReason = "length\uD800";
        await cancelled.DisposeAsync();

        (await RunAsync(failed.RunId)).Should().BeEquivalentTo(new { Status = RunStatus.Failed, FinishReason = "content_filter" });
        (await RunAsync(cancelled.RunId)).Should().BeEquivalentTo(new { Status = RunStatus.Cancelled, FinishReason = "length\uFFFD" });
    }

    private static Func<ConversationTurn, CancellationToken, Task> Stopping(string? reason) => (turn, token) =>
    {
        turn.FinishReason = reason;
        return Say("hi")(turn, token);
    };

    private async Task<ConversationRun> RunAsync(string? runId) => (await Alice.GetRunAsync(runId!, Cancellation))!;

    private async Task<List<StoredMessage>> MessagesAsync(string? conversationId) =>
        await Alice.GetMessagesAsync(conversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
}
