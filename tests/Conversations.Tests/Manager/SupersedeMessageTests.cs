namespace Conversations.Tests.Manager;

/// <summary>Single messages that are superseded without being deleted.</summary>
public abstract class SupersedeMessageTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Superseded_message_is_in_no_prompt_and_no_list_and_can_be_restored()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");

        (await Alice.SupersedeMessageAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "two", "2");
        (await PromptAsync()).Should().Equal("one", "two", "2");
        (await Alice.GetMessagesAsync(one.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).CountAsync(Cancellation)).Should().Be(4);
        (await Alice.SupersedeMessageAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeFalse("it is superseded already");
        (await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await PromptAsync()).Should().Equal("one", "1", "two", "2");
    }

    [Fact]
    public async Task Supersede_is_recorded_as_a_run_without_output_that_costs_nothing()
    {
        var one = await AskAsync("one", "1");

        await Alice.SupersedeMessageAsync(one.InputMessageId!, cancellationToken: Cancellation);

        var run = await Alice.GetRunsAsync(one.ConversationId!, Cancellation).FirstAsync(Cancellation);
        run.Should().BeEquivalentTo(new { Status = RunStatus.Completed, Caller = "alice", IsOnExistingInput = true, InputPosition = 1, OutputCount = 0, Cost = 0m, Usage = new TokenUsage() });
    }

    [Fact]
    public async Task Supersede_works_under_the_audit_policy()
    {
        var one = await Alice.RunTurnAsync("audit-bot", "one", Say("1"), Cancellation);

        (await Manager.SupersedeMessageAsync(one.InputMessageId!, cancellationToken: Cancellation)).Should().BeTrue();

        (await TextsAsync(one.ConversationId)).Should().Equal("1");
    }

    [Fact]
    public async Task Prompt_shows_no_result_without_its_call()
    {
        var asked = await Alice.RunTurnAsync(Bot, "one", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call", "door", "{}"));
            turn.Add(ConversationMessage.ToolResult("call", "opened"));
            turn.Add(ConversationMessage.Assistant("1"));
            return Task.CompletedTask;
        }, Cancellation);

        await Alice.SupersedeMessageAsync(asked.Messages[0].Id!, cancellationToken: Cancellation);

        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "two"), Cancellation);
        next.History.Select(message => message.Text).Should().Equal("one", "1");
        next.Window.Excluded.Should().Contain(range => range.Reason == ExclusionReason.NoCall && range.From == 3);
    }

    [Fact]
    public async Task Message_of_an_open_turn_is_locked()
    {
        await using var open = await Alice.BeginTurnAsync(new TurnRequest(Bot, "one"), Cancellation);

        var supersede = () => Alice.SupersedeMessageAsync(open.Input[0].Id!, cancellationToken: Cancellation);

        await supersede.Should().ThrowAsync<ConversationLockedException>();
    }

    [Fact]
    public async Task Message_that_is_superseded_or_deleted_during_the_wait_is_left_alone()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        var turn = await Alice.BeginRegenerateAsync(new RegenerateRequest(one.ReplyMessageId!), Cancellation);
        var wait = BusyPolicy.Wait(TimeSpan.FromHours(1));
        var superseded = Alice.SupersedeMessageAsync(two.ReplyMessageId!, wait, Cancellation);
        var deleted = Alice.SupersedeMessageAsync(one.InputMessageId!, wait, Cancellation);

        await Alice.DeleteMessageAsync(one.InputMessageId!, Cancellation);
        turn.Add(ConversationMessage.Assistant("1, rather"));
        await turn.CommitAsync(Cancellation);

        (await superseded).Should().BeFalse();
        await FluentActions.Awaiting(() => deleted).Should().ThrowAsync<ConversationNotFoundException>();
        (await TextsAsync(one.ConversationId)).Should().Equal("1, rather");
    }

    [Fact]
    public async Task Restore_is_refused_while_the_question_is_superseded()
    {
        var one = await AskAsync("one", "1");
        await Alice.SupersedeMessageAsync(one.InputMessageId!, cancellationToken: Cancellation);
        await Alice.SupersedeMessageAsync(one.ReplyMessageId!, cancellationToken: Cancellation);

        var restore = () => Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation);

        (await restore.Should().ThrowAsync<MessageSupersededException>()).Which.MessageId.Should().Be(one.InputMessageId);
        await Alice.RestoreAsync(one.InputMessageId!, cancellationToken: Cancellation);
        (await restore()).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Unknown_message_is_not_found()
    {
        var one = await AskAsync("one", "1");

        foreach (var (view, id) in new[] { (Bob, one.InputMessageId!), (Alice, "nonsense"), (Alice, $"msg_{one.ConversationId}_9") })
            (await view.Invoking(other => other.SupersedeMessageAsync(id, cancellationToken: Cancellation)).Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(id);
    }

    [Fact]
    public async Task Message_of_an_ended_conversation_is_superseded_and_restored()
    {
        var one = await AskAsync("one", "1");
        await Alice.EndAsync(one.ConversationId!, Cancellation);

        (await Alice.SupersedeMessageAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        var superseded = await TextsAsync(one.ConversationId);
        (await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();

        superseded.Should().Equal("one");
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1");
        (await Alice.GetAsync(one.ConversationId!, Cancellation))!.Status.Should().Be(ConversationStatus.Ended);
    }

    private async Task<List<string>> PromptAsync()
    {
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "next") { OnBusy = BusyPolicy.Reject }, Cancellation);
        var texts = next.History.Select(message => message.Text).ToList();
        await next.FailAsync(new InvalidOperationException("Only the prompt is of interest."));
        await Alice.DeleteMessageAsync(next.Input[0].Id!, Cancellation);
        return texts;
    }
}

public sealed class SupersedeMessageTestsInMemory : SupersedeMessageTests<InMemory>;

public sealed class SupersedeMessageTestsOnSqlite : SupersedeMessageTests<Sqlite>;
