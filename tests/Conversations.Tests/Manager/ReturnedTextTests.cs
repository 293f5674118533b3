namespace Conversations.Tests.Manager;

public sealed class ReturnedTextTestsInMemory : ReturnedTextTests<InMemory>;

public sealed class ReturnedTextTestsOnSqlite : ReturnedTextTests<Sqlite>;

/// <summary>Turns whose answer is the text that a function returns.</summary>
public abstract class ReturnedTextTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task RunTurn_adds_the_returned_text_as_the_message_of_the_assistant()
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", (turn, ct) => CallYourModelAsync(turn.Prompt, ct), Cancellation);

        result.ReplyText.Should().Be("read 2");
        result.Messages.Should().ContainSingle().Which.Role.Should().Be(MessageRole.Assistant);
        (await TextsAsync(result.ConversationId)).Should().Equal("hello", "read 2");
    }

    [Fact]
    public async Task RunTurn_of_a_request_adds_the_returned_text_once_for_each_idempotency_key()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key" };
        var calls = 0;
        var first = await Alice.RunTurnAsync(request, AnswerAsync, Cancellation);

        var second = await Alice.RunTurnAsync(request, AnswerAsync, Cancellation);

        calls.Should().Be(1);
        second.IsReplay.Should().BeTrue();
        second.ReplyMessageId.Should().Be(first.ReplyMessageId);

        Task<string> AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
        {
            calls++;
            return Task.FromResult("hi");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task RunTurn_adds_nothing_when_the_returned_text_is_empty(string? text)
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", (_, _) => Task.FromResult(text!), Cancellation);

        result.Messages.Should().BeEmpty();
        (await Alice.GetRunAsync(result.RunId!, Cancellation))!.Status.Should().Be(RunStatus.Completed);
    }

    [Theory]
    [InlineData("Once upon a time.", false, "hello", "Once upon a time.")]
    [InlineData(" Once upon a time.\n", false, "hello", "Once upon a time.")]
    [InlineData("Once upon", false, "hello", "Once upon a time.", "Once upon")]
    [InlineData("Once upon a time.", true, "hello", "Once upon a time.", "note", "Once upon a time.")]
    public async Task RunTurn_adds_the_returned_text_once_when_the_function_has_streamed_it(string returned, bool addsAfterwards, params string[] expected)
    {
        var result = await Alice.RunTurnAsync(
            Bot,
            "hello",
            async (turn, ct) =>
            {
                await foreach (var _ in turn.StreamAsync(new[] { "Once upon ", "a time." }.ToAsyncEnumerable(), ct))
                {
                }

                if (addsAfterwards)
                    turn.Add(ConversationMessage.Assistant("note"));
                return returned;
            },
            Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal(expected);
    }

    [Fact]
    public async Task RunTurn_adds_the_returned_text_after_what_the_function_added()
    {
        var result = await Alice.RunTurnAsync(
            Bot,
            "hello",
            async (turn, ct) =>
            {
                turn.Add(ConversationMessage.ToolCall("1", "clock", "{}"));
                turn.Add(ConversationMessage.ToolResult("1", "noon"));
                await using var left = turn.StreamAsync(new[] { "It ", "is " }.ToAsyncEnumerable(), ct).GetAsyncEnumerator(ct);
                await left.MoveNextAsync();
                return "noon.";
            },
            Cancellation);

        result.Messages.Select(message => message.Text).Should().Equal("", "", "It is ", "noon.");
        result.ReplyText.Should().Be("noon.");
    }

    [Fact]
    public async Task RunTurn_records_a_failure_when_the_function_throws()
    {
        var running = () => Alice.RunTurnAsync(Bot, "hello", (_, _) => Task.FromException<string>(new TimeoutException()), Cancellation);

        await running.Should().ThrowAsync<TimeoutException>();
        var id = (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;
        (await Alice.GetRunsAsync(id, Cancellation).SingleAsync(Cancellation)).Status.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public async Task RunTurn_fails_when_the_function_returns_null_instead_of_a_task()
    {
        Task<string>? none = null;

        var running = () => Alice.RunTurnAsync(Bot, "hello", (_, _) => none!, Cancellation);

        await running.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Regenerate_supersedes_the_answer_with_the_returned_text()
    {
        var asked = await AskAsync("hello", "1");

        var second = await Alice.RegenerateAsync(asked.ReplyMessageId!, (turn, ct) => CallYourModelAsync(turn.Prompt, ct), Cancellation);
        var third = await Alice.RegenerateAsync(new RegenerateRequest(second.ReplyMessageId!), (_, _) => Task.FromResult("3"), Cancellation);

        second.ReplyText.Should().Be("read 2");
        third.ReplyText.Should().Be("3");
        (await TextsAsync(asked.ConversationId)).Should().Equal("hello", "3");
    }

    private static Task<string> CallYourModelAsync(IReadOnlyList<ConversationMessage> prompt, CancellationToken cancellationToken) =>
        Task.FromResult(cancellationToken.CanBeCanceled ? $"read {prompt.Count}" : "no token");
}
