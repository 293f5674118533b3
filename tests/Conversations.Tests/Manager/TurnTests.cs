using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Manager;

public sealed class TurnTestsInMemory : TurnTests<InMemory>;

public sealed class TurnTestsOnSqlite : TurnTests<Sqlite>;

public abstract class TurnTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task RunTurn_of_a_new_user_begins_a_conversation_and_returns_all_ids()
    {
        var result = await AskAsync("Where is my order?", "On its way.");

        result.ReplyText.Should().Be("On its way.");
        result.StartReason.Should().Be(ConversationStartReason.First);
        result.IsReplay.Should().BeFalse();
        var messages = (await Alice.GetMessagePageAsync(result.ConversationId!, cancellationToken: Cancellation)).Items;
        messages.Select(message => (message.Position, message.Role, message.Text)).Should().Equal(
            (1, MessageRole.User, "Where is my order?"),
            (2, MessageRole.Assistant, "On its way."));
        messages.Select(message => message.Id).Should().Equal(result.InputMessageId, result.ReplyMessageId);
        messages.Should().OnlyContain(message => message.RunId == result.RunId && message.CreatedAt == Time.GetUtcNow());
    }

    [Fact]
    public async Task RunTurn_shows_system_prompt_history_and_input_in_order()
    {
        await AskAsync("one", "two");
        List<string> prompt = [];

        await Alice.RunTurnAsync(Bot, "three", (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("four"));
            prompt.AddRange(turn.Prompt.Select(message => $"{message.Role}: {message.Text}"));
            return Task.CompletedTask;
        }, Cancellation);

        prompt.Should().Equal("System: You are kind.", "User: one", "Assistant: two", "User: three", "Assistant: four");
    }

    [Fact]
    public async Task RunTurn_of_a_long_conversation_shows_between_ten_and_twenty_messages_with_the_input()
    {
        for (var i = 1; i <= 15; i++)
            await AskAsync($"question {i}", $"answer {i}");
        IReadOnlyList<ConversationMessage> prompt = [];

        await Alice.RunTurnAsync(Bot, "last", (turn, _) =>
        {
            prompt = turn.Prompt;
            return Task.CompletedTask;
        }, Cancellation);

        prompt.Should().HaveCount(1 + 10 + 1, "the window was cut at the eleventh turn and at the sixteenth");
        prompt[1].Text.Should().Be("question 11");
        prompt[^1].Text.Should().Be("last");
    }

    [Fact]
    public async Task RunTurn_whose_agent_fails_keeps_the_input_marks_the_output_partial_and_frees_the_conversation()
    {
        var failing = () => Alice.RunTurnAsync(Bot, "do it", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call_1", "refund", "{}"));
            turn.Usage = new TokenUsage { InputTokens = 9 };
            throw new TimeoutException("the model is away");
        }, Cancellation);

        await failing.Should().ThrowAsync<TimeoutException>();
        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        var messages = (await Alice.GetMessagePageAsync(conversation!.Id, cancellationToken: Cancellation)).Items;
        var run = await Alice.GetRunAsync(messages[0].RunId!, Cancellation);
        messages.Select(message => (message.Kind, message.IsPartial)).Should().Equal((MessageKind.Message, false), (MessageKind.ToolCall, true));
        run.Should().BeEquivalentTo(new { Status = RunStatus.Failed, Error = "System.TimeoutException", Usage = new { InputTokens = 9 }, Caller = "alice", OutputCount = 1, EndedAt = Time.GetUtcNow() });
        (await AskAsync("again")).ConversationId.Should().Be(conversation.Id);
    }

    [Fact]
    public async Task RunTurn_that_is_cancelled_is_recorded_as_cancelled()
    {
        using var source = new CancellationTokenSource();
        var cancelled = () => Alice.RunTurnAsync(Bot, "hello", async (_, token) =>
        {
            await source.CancelAsync();
            token.ThrowIfCancellationRequested();
        }, source.Token);

        await cancelled.Should().ThrowAsync<OperationCanceledException>();

        (await LastRunAsync()).Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact]
    public async Task RunTurn_commits_an_answer_that_was_finished_before_the_cancellation()
    {
        using var source = new CancellationTokenSource();

        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("done"));
            await source.CancelAsync();
        }, source.Token);

        (await TextsAsync(result.ConversationId)).Should().Equal("hello", "done");
    }

    [Fact]
    public async Task Turn_refuses_impossible_figures()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);

        foreach (var act in new Action[] { () => turn.Usage = new TokenUsage { InputTokens = -1 }, () => turn.Usage = new TokenUsage { OutputTokens = long.MaxValue }, () => turn.Cost = -1 })
            act.Should().Throw<ArgumentOutOfRangeException>();
        turn.Model = "  ";

        turn.Model.Should().BeNull();
    }

    [Fact]
    public async Task RunTurn_records_model_and_usage()
    {
        var usage = new TokenUsage { InputTokens = 100, OutputTokens = 7, CachedInputTokens = 60 };

        var result = await Alice.RunTurnAsync(Bot, "hello", (turn, _) =>
        {
            turn.Model = "model-1\uD800";
            turn.Usage = usage;
            turn.Cost = 0.0123m;
            return Task.CompletedTask;
        }, Cancellation);

        var run = await Alice.GetRunAsync(result.RunId!, Cancellation);
        run.Should().BeEquivalentTo(new { Status = RunStatus.Completed, Model = "model-1\uFFFD", Usage = usage, Cost = 0.0123m, InputPosition = 1L, InputCount = 1, OutputCount = 0 });
        result.ReplyText.Should().BeNull();
        result.ReplyMessageId.Should().BeNull();
    }

    [Fact]
    public async Task BeginTurn_that_is_disposed_without_a_commit_is_recorded_as_cancelled()
    {
        await using (var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation))
            turn.Add(ConversationMessage.Assistant("half"));

        var run = await LastRunAsync();
        run.Status.Should().Be(RunStatus.Cancelled);
        (await TextsAsync(run.ConversationId)).Should().Equal("hello", "half");
    }

    [Fact]
    public async Task Commit_twice_returns_the_same_result_and_adds_nothing()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("hi"));
        var first = await turn.CommitAsync(Cancellation);

        var second = await turn.CommitAsync(Cancellation);

        second.Should().BeSameAs(first);
        turn.Invoking(over => over.Add(ConversationMessage.Assistant("more"))).Should().Throw<InvalidOperationException>();
        (await TextsAsync(turn.ConversationId)).Should().Equal("hello", "hi");
    }

    [Fact]
    public async Task Commit_with_a_cancelled_token_leaves_the_turn_open()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("hi"));
        var cancelled = () => turn.CommitAsync(new CancellationToken(canceled: true));

        await cancelled.Should().ThrowAsync<OperationCanceledException>();

        (await turn.CommitAsync(Cancellation)).ReplyText.Should().Be("hi");
    }

    [Theory]
    [InlineData(MessageRole.System)]
    [InlineData(MessageRole.User)]
    public async Task Add_refuses_roles_of_input_and_import(MessageRole role)
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);

        var adding = () => turn.Add(new ConversationMessage(role, new TextPart("forged")));

        adding.Should().Throw<ArgumentException>().WithParameterName("message");
        turn.Added.Should().BeEmpty();
    }

    [Fact]
    public async Task Prompt_leaves_out_errors_and_history_keeps_them_readable()
    {
        var result = await Alice.RunTurnAsync(Bot, "one", (turn, _) =>
        {
            turn.Add(ConversationMessage.Error("The model is away.", "MODEL_AWAY"));
            turn.Prompt.Should().NotContain(message => message.Kind == MessageKind.Error);
            return Task.CompletedTask;
        }, Cancellation);

        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "two"), Cancellation);

        next.History.Select(message => message.Text).Should().Equal("one");
        (await Alice.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation))
            .Should().Contain(message => message.Kind == MessageKind.Error);
    }

    [Fact]
    public async Task RunTurn_of_a_stateless_agent_stores_nothing()
    {
        var result = await Alice.RunTurnAsync("oracle", "hello", Say("hi"), Cancellation);

        result.Should().BeEquivalentTo(new { ReplyText = "hi", ConversationId = (string?)null, RunId = (string?)null, InputMessageId = (string?)null, ReplyMessageId = (string?)null });
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task RunTurn_through_the_manager_of_a_per_user_agent_stores_nothing_and_logs_once_what_to_do()
    {
        await Manager.RunTurnAsync(Bot, "my secret", Say("hi"), Cancellation);
        await using var turn = await Manager.BeginTurnAsync(new TurnRequest(Bot, "my secret"), Cancellation);

        turn.IsPersisted.Should().BeFalse();
        turn.History.Should().BeEmpty();
        Log.Entries.Where(entry => entry.Level == LogLevel.Warning).Should().ContainSingle().Which.Text.Should()
            .StartWith("The turn is not stored").And.Contain(Bot).And.Contain("ForIdentity(...)").And.Contain("ConversationId").And.Contain("Thread").And.NotContain("secret");
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task RunTurn_without_identity_is_refused_when_one_is_required()
    {
        var asking = () => Manager.RunTurnAsync("strict-bot", "hello", Say("hi"), Cancellation);

        (await asking.Should().ThrowAsync<IdentityRequiredException>()).Which.Code.Should().Be("IDENTITY_REQUIRED");
    }

    [Fact]
    public async Task RunTurn_with_a_key_is_refused_when_nothing_is_stored()
    {
        var asking = () => Alice.RunTurnAsync(new TurnRequest("oracle", "hello") { IdempotencyKey = "key" }, Say("hi"), Cancellation);

        await asking.Should().ThrowAsync<ArgumentException>().WithParameterName("request");
    }

    [Fact]
    public async Task RunTurn_with_an_id_or_thread_is_refused_on_a_stateless_agent()
    {
        var byId = () => AskAsync(new TurnRequest("oracle", "hello") { ConversationId = "conv_1" });
        var byThread = () => AskAsync(new TurnRequest("oracle", "hello") { Thread = "order-7" });

        await byId.Should().ThrowAsync<ArgumentException>().WithParameterName("request");
        await byThread.Should().ThrowAsync<ArgumentException>().WithParameterName("request");
    }

    [Fact]
    public async Task RunTurn_names_the_parameter_of_the_caller()
    {
        var byName = () => Alice.RunTurnAsync("unknown", "hello", Say("hi"), Cancellation);
        var import = () => Manager.ImportAsync(new ConversationImport("unknown", []), Cancellation);
        var stateless = () => Manager.ImportAsync(new ConversationImport("oracle", []) { Thread = "order-7" }, Cancellation);
        var current = () => Alice.GetCurrentAsync("oracle", "order-7", cancellationToken: Cancellation);

        await byName.Should().ThrowAsync<ArgumentException>().WithParameterName("agent");
        await import.Should().ThrowAsync<ArgumentException>().WithParameterName("import");
        await stateless.Should().ThrowAsync<ArgumentException>().WithParameterName("import");
        await current.Should().ThrowAsync<ArgumentException>().WithParameterName("thread");
    }

    [Fact]
    public async Task RunTurn_whose_agent_returns_no_task_is_recorded_as_failed()
    {
        Task? none = null;
        var asking = () => Alice.RunTurnAsync(Bot, "hello", (_, _) => none!, Cancellation);

        await asking.Should().ThrowAsync<InvalidOperationException>();

        (await LastRunAsync()).Status.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public async Task RunTurn_of_an_agent_that_was_not_added_names_those_that_were()
    {
        var asking = () => AskAsync(new TurnRequest("suport-bot", "hello"));

        (await asking.Should().ThrowAsync<ArgumentException>().WithParameterName("request"))
            .WithMessage("*'suport-bot' was not added*'support-bot', 'team-bot'*");
    }

    [Fact]
    public async Task BeginTurn_of_an_agent_and_a_text_continues_the_current_conversation()
    {
        var asked = await AskAsync("one");

        await using (var turn = await Alice.BeginTurnAsync(Bot, "two", Cancellation))
        {
            turn.Add(ConversationMessage.Assistant("done"));
            await turn.CommitAsync(Cancellation);
        }

        (await TextsAsync(asked.ConversationId)).Should().Equal("one", "hi", "two", "done");
    }

    [Fact]
    public async Task BeginTurn_names_its_arguments()
    {
        var unknown = () => Alice.BeginTurnAsync("suport-bot", "hello", Cancellation);
        var blank = () => Alice.BeginTurnAsync(Bot, " ", Cancellation);

        await unknown.Should().ThrowAsync<ArgumentException>().WithParameterName("agent");
        await blank.Should().ThrowAsync<ArgumentException>().WithParameterName("text");
    }

    [Fact]
    public async Task RunTurn_by_id_continues_that_conversation_and_leaves_the_current_one_current()
    {
        var old = await AskAsync("one");
        var current = await AskAsync(new TurnRequest(Bot, "two") { StartNew = true });

        await AskAsync(new TurnRequest(Bot, "three") { ConversationId = old.ConversationId });

        current.StartReason.Should().Be(ConversationStartReason.Requested);
        (await TextsAsync(old.ConversationId)).Should().Equal("one", "hi", "three", "hi");
        (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id.Should().Be(current.ConversationId);
    }

    [Fact]
    public async Task RunTurn_by_id_throws_the_same_error_for_another_agent_and_for_an_unknown_id()
    {
        var mine = await AskAsync();
        var foreign = () => AskAsync(new TurnRequest("audit-bot", "hello") { ConversationId = mine.ConversationId });
        var none = () => AskAsync(new TurnRequest("audit-bot", "hello") { ConversationId = "conv_none" });

        var first = await foreign.Should().ThrowAsync<ConversationNotFoundException>();
        var second = await none.Should().ThrowAsync<ConversationNotFoundException>();

        first.Which.Message.Replace(mine.ConversationId!, "conv_none", StringComparison.Ordinal).Should().Be(second.Which.Message);
    }

    [Fact]
    public async Task RunTurn_with_a_thread_is_shared_by_users_and_channels_of_a_tenant()
    {
        var ann = Manager.ForIdentity(ConversationIdentity.ForUser("ann", "acme"));
        var ben = Manager.ForIdentity(ConversationIdentity.ForUser("ben", "acme"));
        var eve = Manager.ForIdentity(ConversationIdentity.ForUser("eve", "other"));
        var request = new TurnRequest(Bot, "hello") { Thread = "order-7" };

        var first = await ann.RunTurnAsync(request, Say("hi"), Cancellation);
        var second = await ben.RunTurnAsync(request with { Channel = "doc_event" }, Say("hi"), Cancellation);
        var third = await eve.RunTurnAsync(request, Say("hi"), Cancellation);

        second.ConversationId.Should().Be(first.ConversationId);
        third.ConversationId.Should().NotBe(first.ConversationId);
    }

    [Fact]
    public async Task RunTurn_follows_the_mode_of_its_channel()
    {
        var chat = await Alice.RunTurnAsync("trigger-bot", "hello", Say("hi"), Cancellation);
        var schedule = await Alice.RunTurnAsync(new TurnRequest("trigger-bot", "tick") { Channel = "schedule" }, Say("ok"), Cancellation);
        var document = await Manager.RunTurnAsync(new TurnRequest("trigger-bot", "saved") { Channel = "doc_event" }, Say("ok"), Cancellation);
        var api = await Alice.RunTurnAsync(new TurnRequest("trigger-bot", "call") { Channel = "api" }, Say("ok"), Cancellation);

        document.ConversationId.Should().Be(schedule.ConversationId).And.NotBe(chat.ConversationId);
        api.ConversationId.Should().BeNull();
    }

    [Fact]
    public async Task RunTurn_makes_a_title_from_the_first_line_of_the_first_user_message()
    {
        var result = await AskAsync("\n  Where is my order?  \nIt was due on Monday.");
        await AskAsync("Something else");

        (await Alice.GetAsync(result.ConversationId!, Cancellation))!.Title.Should().Be("Where is my order?");
    }

    private async Task<ConversationRun> LastRunAsync()
    {
        var conversation = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        var first = (await Alice.GetMessagePageAsync(conversation!.Id, cancellationToken: Cancellation)).Items[0];
        return (await Alice.GetRunAsync(first.RunId!, Cancellation))!;
    }
}
