using Conversations.Storage;
using Conversations.Tests.Storage;

namespace Conversations.Tests.Manager;

/// <summary>Messages that are edited and sent again.</summary>
public abstract class ReplaceTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Replace_answers_the_new_input_after_the_history_before_the_message()
    {
        await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await AskAsync("three", "3");
        ConversationTurn? open = null;
        IReadOnlyList<ConversationMessage> prompt = [];

        var edited = await Alice.RunTurnAsync(Instead(two, "two, rather"), (turn, token) =>
        {
            (open, prompt) = (turn, turn.Prompt);
            return Say("2, rather")(turn, token);
        }, Cancellation);

        prompt.Select(message => message.Text).Should().Equal("You are kind.", "one", "1", "two, rather");
        open!.Input.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Text = "two, rather", IsSuperseded = false, Position = 7 });
        (await TextsAsync(two.ConversationId)).Should().Equal("one", "1", "two, rather", "2, rather");
        (await AllAsync(two)).Should().Equal("one", "1", "two", "2", "three", "3", "two, rather", "2, rather");
        (await RunAsync(two)).Status.Should().Be(RunStatus.Superseded);
        (await RunAsync(edited)).Should().BeEquivalentTo(new { Status = RunStatus.Completed, ReplacedPosition = 3 });
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "four"), Cancellation);
        next.History.Select(message => message.Text).Should().Equal("one", "1", "two, rather", "2, rather");
    }

    [Fact]
    public async Task Replace_of_the_first_message_leaves_nothing_before_it()
    {
        var one = await AskAsync("one", "1");

        await AskAsync(Instead(one, "uno"), "1, rather");

        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, rather");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replace_that_does_not_complete_leaves_the_message_and_what_follows(bool isCancelled)
    {
        var one = await AskAsync("one", "1");
        using var stop = new CancellationTokenSource();
        var fail = () => Alice.RunTurnAsync(Instead(one, "uno"), (turn, token) =>
        {
            turn.Add(ConversationMessage.Assistant("half"));
            if (!isCancelled)
                throw new InvalidOperationException("The model is away.");
            stop.Cancel();
            token.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        }, stop.Token);

        await fail.Should().ThrowAsync<Exception>();

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1");
        (await AllAsync(one)).Should().Equal("one", "1", "uno", "half");
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "two"), Cancellation);
        next.History.Select(message => message.Text).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Input_is_not_current_while_the_turn_is_open()
    {
        var one = await AskAsync("one", "1");

        await using var open = await Alice.BeginTurnAsync(Instead(one, "uno"), Cancellation);

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Restore_toggles_between_the_message_and_its_replacement()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        var uno = await AskAsync(Instead(one, "uno"), "1, rather");
        await AskAsync("due", "2, rather");

        (await Alice.RestoreAsync(one.InputMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "two", "2");
        (await Alice.RestoreAsync(uno.InputMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, rather", "due", "2, rather");
        (await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue("a message of the answer is as good");
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "two", "2");
        (await Alice.RestoreAsync(one.InputMessageId!, cancellationToken: Cancellation)).Should().BeFalse("it is current");
        (await Alice.RestoreAsync(uno.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, rather", "due", "2, rather");
    }

    [Fact]
    public async Task Restore_of_a_replacement_that_failed_supersedes_the_message_and_can_be_undone()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        await FailAsync(Instead(one, "uno"));
        var uno = await IdOfAsync(one, "uno");

        (await Alice.RestoreAsync(uno, cancellationToken: Cancellation)).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "half");
        (await Alice.RestoreAsync(one.InputMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "two", "2");
    }

    [Fact]
    public async Task Restore_is_refused_when_the_branch_was_left_since()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await FailAsync(Instead(two, "due"));
        var dos = await AskAsync(Instead(two, "dos"), "2, rather");
        await AskAsync(Instead(one, "uno"), "1, rather");

        foreach (var (id, first) in new[] { (two.InputMessageId!, dos.InputMessageId!), (await IdOfAsync(one, "due"), two.InputMessageId!) })
        {
            var restore = () => Alice.RestoreAsync(id, cancellationToken: Cancellation);
            (await restore.Should().ThrowAsync<MessageSupersededException>()).Which.MessageId.Should().Be(first);
        }

        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, rather");
    }

    [Fact]
    public async Task Restore_of_a_branch_whose_message_was_deleted_is_refused()
    {
        var one = await AskAsync("one", "1");
        await FailAsync(Instead(one, "uno"));
        var uno = await IdOfAsync(one, "uno");
        await Alice.DeleteMessageAsync(one.InputMessageId!, Cancellation);

        var restore = () => Alice.RestoreAsync(uno, cancellationToken: Cancellation);

        (await restore.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(one.InputMessageId);
    }

    [Fact]
    public async Task Partial_answer_to_a_retried_replacement_can_be_restored_beside_its_question()
    {
        var one = await AskAsync("one", "1");
        var request = Instead(one, "uno") with { IdempotencyKey = "key" };
        await FailAsync(request);
        await AskAsync(request, "1, rather");

        await Alice.RestoreAsync(await IdOfAsync(one, "half"), cancellationToken: Cancellation);

        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "half");
    }

    [Fact]
    public async Task Answer_to_a_replacement_is_regenerated_in_its_place()
    {
        var one = await AskAsync("one", "1");
        var uno = await AskAsync(Instead(one, "uno"), "1, rather");
        IReadOnlyList<ConversationMessage> prompt = [];

        await Alice.RegenerateAsync(uno.ReplyMessageId!, (turn, token) =>
        {
            prompt = turn.Prompt;
            return Say("1, again")(turn, token);
        }, Cancellation);

        prompt.Select(message => message.Text).Should().Equal("You are kind.", "uno");
        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, again");
    }

    [Fact]
    public async Task Repeated_request_replays_the_first_answer_also_when_the_message_is_superseded()
    {
        var one = await AskAsync("one", "1");
        var request = Instead(one, "uno") with { IdempotencyKey = "key" };
        var first = await AskAsync(request, "1, rather");

        var second = await Alice.RunTurnAsync(request, (_, _) => throw new InvalidOperationException("The agent is not called."), Cancellation);

        second.Should().BeEquivalentTo(new { IsReplay = true, first.RunId, first.ReplyText, first.InputMessageId });
        (await AllAsync(one)).Should().HaveCount(4);
    }

    [Fact]
    public async Task Retry_runs_on_the_input_that_was_saved()
    {
        var one = await AskAsync("one", "1");
        var request = Instead(one, "uno") with { IdempotencyKey = "key" };
        await FailAsync(request);
        await AskAsync("two", "2");
        IReadOnlyList<ConversationMessage> prompt = [];

        var retried = await Alice.RunTurnAsync(request, (turn, token) =>
        {
            prompt = turn.Prompt;
            return Say("1, rather")(turn, token);
        }, Cancellation);

        prompt.Select(message => message.Text).Should().Equal("You are kind.", "uno");
        retried.InputMessageId.Should().Be(await IdOfAsync(one, "uno"));
        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, rather");
    }

    [Fact]
    public async Task Retry_is_refused_when_the_message_was_superseded_since()
    {
        var one = await AskAsync("one", "1");
        var request = Instead(one, "uno") with { IdempotencyKey = "key" };
        await FailAsync(request);
        await AskAsync(Instead(one, "eins"), "1, rather");

        var retry = () => AskAsync(request);

        (await retry.Should().ThrowAsync<MessageSupersededException>()).Which.MessageId.Should().Be(one.InputMessageId);
    }

    [Fact]
    public async Task Key_of_a_request_that_replaces_another_message_is_refused()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await AskAsync(Instead(two, "rather") with { IdempotencyKey = "key" });

        foreach (var other in new[] { Instead(one, "rather"), new TurnRequest(Bot, "rather") { ConversationId = one.ConversationId } })
            await FluentActions.Awaiting(() => AskAsync(other with { IdempotencyKey = "key" })).Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task Replace_of_a_message_that_was_superseded_during_the_wait_is_refused()
    {
        var one = await AskAsync("one", "1");
        var open = await Alice.BeginTurnAsync(Instead(one, "uno"), Cancellation);
        var second = Alice.RunTurnAsync(Instead(one, "eins") with { OnBusy = BusyPolicy.Wait(TimeSpan.FromHours(1)) }, Say("never"), Cancellation);

        open.Add(ConversationMessage.Assistant("1, rather"));
        await open.CommitAsync(Cancellation);

        (await FluentActions.Awaiting(() => second).Should().ThrowAsync<MessageSupersededException>()).Which.MessageId.Should().Be(one.InputMessageId);
    }

    [Fact]
    public async Task Imported_message_is_replaced_and_an_answer_is_not()
    {
        var import = new ConversationImport(Bot, [ConversationMessage.User("one"), ConversationMessage.Assistant("1")]) { Identity = ConversationIdentity.ForUser("alice") };
        var imported = await Manager.ImportAsync(import, Cancellation);

        await FluentActions.Awaiting(() => AskAsync(Instead(ConversationIds.Message(imported.Id, 2), "uno"))).Should().ThrowAsync<ArgumentException>().WithMessage("*no user message*");
        await AskAsync(Instead(ConversationIds.Message(imported.Id, 1), "uno"), "1, rather");

        (await TextsAsync(imported.Id)).Should().Equal("uno", "1, rather");
    }

    [Fact]
    public async Task Replace_is_refused_when_the_request_contradicts_itself()
    {
        var one = await AskAsync("one", "1");
        var edit = Instead(one, "uno");
        await AskAsync(edit with { ConversationId = one.ConversationId });

        foreach (var request in new[]
        {
            edit with { ConversationId = ConversationIds.NewConversation(Time.GetUtcNow()) },
            edit with { StartNew = true },
            edit with { Thread = "order-7" },
            new TurnRequest(Bot, ConversationMessage.ToolResult("call", "42")) { ReplaceMessageId = one.InputMessageId },
        })
        {
            await FluentActions.Awaiting(() => AskAsync(request)).Should().ThrowAsync<ArgumentException>().WithParameterName("request").WithMessage("*ReplaceMessageId*");
            await FluentActions.Awaiting(() => Alice.ExplainAsync(request, Cancellation)).Should().ThrowAsync<ArgumentException>().WithParameterName("request");
        }
    }

    [Fact]
    public async Task Replace_out_of_reach_or_of_another_agent_or_unknown_is_not_found()
    {
        var one = await AskAsync("one", "1");
        foreach (var (view, request) in new[]
        {
            (Bob, Instead(one, "uno")),
            (Alice, new TurnRequest("audit-bot", "uno") { ReplaceMessageId = one.InputMessageId }),
            (Alice, Instead($"msg_{one.ConversationId}_99", "uno")),
            (Alice, Instead("nonsense", "uno")),
        })
        {
            var replace = () => view.RunTurnAsync(request, Say("never"), Cancellation);
            (await replace.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(request.ReplaceMessageId);
        }

        (await AllAsync(one)).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Replace_in_an_ended_conversation_is_refused()
    {
        var one = await AskAsync("one", "1");
        await Alice.EndAsync(one.ConversationId!, Cancellation);

        await FluentActions.Awaiting(() => AskAsync(Instead(one, "uno"))).Should().ThrowAsync<ConversationEndedException>();
    }

    [Fact]
    public async Task Replace_works_under_the_audit_policy()
    {
        var one = await Alice.RunTurnAsync("audit-bot", "one", Say("1"), Cancellation);

        await AskAsync(new TurnRequest("audit-bot", "uno") { ReplaceMessageId = one.InputMessageId }, "1, rather");

        (await AllAsync(one)).Should().Equal("one", "1", "uno", "1, rather");
    }

    [Fact]
    public async Task Replace_streams_its_answer()
    {
        var one = await AskAsync("one", "1");

        var edited = await Alice.RunTurnAsync(Instead(one, "uno"), async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(new[] { "1, ", "rather" }.ToAsyncEnumerable(), token))
            {
            }
        }, Cancellation);

        (await TextsAsync(one.ConversationId)).Should().Equal("uno", "1, rather");
        var followed = await Alice.FollowAsync(edited.RunId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        string.Concat(followed.Select(update => update.Text)).Should().Be("1, rather");
    }

    [Fact]
    public async Task Explain_describes_the_history_before_the_message()
    {
        await AskAsync("one", "1");
        var two = await AskAsync("two", "2");

        var explained = await Alice.ExplainAsync(Instead(two, "due"), Cancellation);
        await AskAsync(Instead(two, "due"));
        var refused = await Alice.ExplainAsync(Instead(two, "dos"), Cancellation);

        explained.Window!.Should().BeEquivalentTo(new { FirstPosition = 1, MessageCount = 2 });
        refused.Refusal.Should().Be(ConversationErrorCodes.MessageSuperseded);
    }

    private static TurnRequest Instead(TurnResult asked, string text) => Instead(asked.InputMessageId!, text);

    private static TurnRequest Instead(string messageId, string text) => new(Bot, text) { ReplaceMessageId = messageId };

    private Task FailAsync(TurnRequest request) => FluentActions.Awaiting(() => Alice.RunTurnAsync(request, (turn, _) =>
    {
        turn.Add(ConversationMessage.Assistant("half"));
        throw new InvalidOperationException("The model is away.");
    }, Cancellation)).Should().ThrowAsync<InvalidOperationException>();

    private async Task<string> IdOfAsync(TurnResult result, string text) =>
        (await Alice.GetMessagesAsync(result.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).FirstAsync(message => message.Text == text, Cancellation)).Id!;

    private async Task<List<string>> AllAsync(TurnResult result) =>
        await Alice.GetMessagesAsync(result.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).Select(message => message.Text).ToListAsync(Cancellation);

    private async Task<ConversationRun> RunAsync(TurnResult result) => (await Alice.GetRunAsync(result.RunId!, Cancellation))!;
}

public sealed class ReplaceTestsInMemory : ReplaceTests<InMemory>;

public sealed class ReplaceTestsOnSqlite : ReplaceTests<Sqlite>;
