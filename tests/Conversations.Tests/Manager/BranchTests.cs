namespace Conversations.Tests.Manager;

/// <summary>Answers that are given again, brought back, and gone on from elsewhere.</summary>
public abstract class BranchTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Regenerate_runs_on_the_same_input_and_supersedes_the_old_answer_and_all_after_it()
    {
        await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await AskAsync("three", "3");
        IReadOnlyList<ConversationMessage> prompt = [];

        var again = await Alice.RegenerateAsync(two.ReplyMessageId!, (turn, _) =>
        {
            prompt = turn.Prompt;
            turn.Model = "better";
            turn.Add(ConversationMessage.Assistant("2, rather"));
            return Task.CompletedTask;
        }, Cancellation);

        prompt.Select(message => message.Text).Should().Equal("You are kind.", "one", "1", "two");
        again.InputMessageId.Should().Be(two.InputMessageId);
        (await CurrentAsync(two)).Should().Equal("one", "1", "two", "2, rather");
        var all = await AllAsync(two);
        all.Select(message => message.Text).Should().Equal("one", "1", "two", "2", "three", "3", "2, rather");
        all.Where(message => message.IsSuperseded).Select(message => message.SupersededBy).Should().AllBeEquivalentTo(all[^1].RunNumber);
        (await RunAsync(two)).Status.Should().Be(RunStatus.Superseded);
        (await RunAsync(again)).Should().BeEquivalentTo(new { Status = RunStatus.Completed, Model = "better" });
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "four"), Cancellation);
        next.History.Select(message => message.Text).Should().Equal("one", "1", "two", "2, rather");
    }

    [Fact]
    public async Task Regenerate_by_the_users_message_or_by_an_old_answer_is_the_same()
    {
        var asked = await AskAsync("one", "1");
        await Alice.RegenerateAsync(asked.InputMessageId!, Say("2"), Cancellation);

        await Alice.RegenerateAsync(asked.ReplyMessageId!, Say("3"), Cancellation);

        (await CurrentAsync(asked)).Should().Equal("one", "3");
    }

    [Fact]
    public async Task Regenerate_that_fails_leaves_the_old_answer_current()
    {
        var asked = await AskAsync("one", "1");
        var fail = () => Alice.RegenerateAsync(asked.ReplyMessageId!, (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("half"));
            throw new InvalidOperationException("The model is away.");
        }, Cancellation);

        await fail.Should().ThrowAsync<InvalidOperationException>();

        (await CurrentAsync(asked)).Should().Equal("one", "1");
        (await AllAsync(asked))[^1].Should().BeEquivalentTo(new { Text = "half", IsPartial = true, IsSuperseded = true });
        (await RunAsync(asked)).Status.Should().Be(RunStatus.Completed);
        await using var next = await Alice.BeginTurnAsync(new TurnRequest(Bot, "two"), Cancellation);
        next.History.Select(message => message.Text).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Regenerate_without_output_leaves_the_old_answer_current()
    {
        var asked = await AskAsync("one", "1");

        var again = await Alice.RegenerateAsync(asked.ReplyMessageId!, (_, _) => Task.CompletedTask, Cancellation);

        again.Messages.Should().BeEmpty();
        (await CurrentAsync(asked)).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Regenerate_with_a_key_runs_once_and_is_another_request_than_the_first()
    {
        var asked = await AskAsync(new TurnRequest(Bot, "one") { IdempotencyKey = "key" }, "1");
        var request = new RegenerateRequest(asked.ReplyMessageId!) { IdempotencyKey = "again" };
        var first = await Alice.RegenerateAsync(request, Say("2"), Cancellation);

        var second = await Alice.RegenerateAsync(request, Say("3"), Cancellation);

        second.Should().BeEquivalentTo(new { IsReplay = true, first.RunId, ReplyText = "2" });
        var same = () => Alice.RegenerateAsync(new RegenerateRequest(asked.ReplyMessageId!) { IdempotencyKey = "key" }, Say("4"), Cancellation);
        await same.Should().ThrowAsync<IdempotencyMismatchException>();
        (await AskAsync(new TurnRequest(Bot, "one") { IdempotencyKey = "key" })).Should().BeEquivalentTo(new { IsReplay = true, ReplyText = "1" }, "what was answered stays answered");
    }

    [Fact]
    public async Task Regenerate_of_an_answer_to_tool_results_shows_the_call_again()
    {
        await Alice.RunTurnAsync(Bot, "open", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("1", "door", "{}"));
            return Task.CompletedTask;
        }, Cancellation);
        var answered = await AskAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("1", "opened")), "It is open.");

        await Alice.RegenerateAsync(answered.ReplyMessageId!, (turn, _) =>
        {
            turn.Prompt.TakeLast(2).Select(message => message.Kind).Should().Equal(MessageKind.ToolCall, MessageKind.ToolResult);
            turn.Add(ConversationMessage.Assistant("Open."));
            return Task.CompletedTask;
        }, Cancellation);

        (await CurrentAsync(answered)).Should().Equal("open", "", "", "Open.");
    }

    [Fact]
    public async Task Regenerate_of_an_imported_answer_answers_the_last_user_message()
    {
        var import = new ConversationImport(Bot, [ConversationMessage.User("one"), ConversationMessage.Assistant("1"), ConversationMessage.Assistant("1b")]) { Identity = ConversationIdentity.ForUser("alice") };
        var imported = await Manager.ImportAsync(import, Cancellation);

        await Alice.RegenerateAsync(ConversationIds.Message(imported.Id, 3), Say("2"), Cancellation);

        (await Alice.GetMessagesAsync(imported.Id, cancellationToken: Cancellation).Select(message => message.Text).ToListAsync(Cancellation)).Should().Equal("one", "2");
    }

    [Fact]
    public async Task Restore_makes_all_messages_of_an_answer_current_and_can_be_undone()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        var again = await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);

        (await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();

        (await CurrentAsync(one)).Should().Equal("one", "1", "two", "2");
        (await RunAsync(one)).Status.Should().Be(RunStatus.Completed);
        (await RunAsync(again)).Status.Should().Be(RunStatus.Superseded);
        (await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeFalse("it is current");
        (await Alice.RestoreAsync(again.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await CurrentAsync(one)).Should().Equal("one", "1, rather");
        (await AllAsync(one)).Should().HaveCount(5, "nothing is rewritten");
    }

    [Fact]
    public async Task Restore_by_two_callers_at_once_restores_once()
    {
        var one = await AskAsync("one", "1");
        await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);
        var waiting = new ConversationManager(Store, new ConversationOptions().AddAgent(Bot, agent => agent.OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(5))), Time)
            .ForIdentity(ConversationIdentity.ForUser("alice"));

        var restored = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => waiting.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation), Cancellation)));

        restored.Should().BeEquivalentTo([true, false]);
        (await CurrentAsync(one)).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Summaries_contain_no_superseded_messages()
    {
        var summarizer = new FakeSummarizer();
        var alice = Summarizing(summarizer, out var manager);
        var one = await alice.RunTurnAsync("bot", "one", Say("OLD"), Cancellation);
        await alice.RegenerateAsync(one.ReplyMessageId!, Say("NEW"), Cancellation);

        for (var i = 0; i < 4; i++)
        {
            await alice.RunTurnAsync("bot", $"q{i}", Say($"a{i}"), Cancellation);
            await manager.WaitForSummariesAsync(Cancellation);
        }

        var summary = (await alice.ExplainAsync(new TurnRequest("bot", "now"), Cancellation)).Window!.Summary;
        summary!.Text.Should().Contain("NEW").And.NotContain("OLD");
    }

    [Fact]
    public async Task Summary_is_not_saved_when_an_answer_is_regenerated_meanwhile()
    {
        var summarizer = new FakeSummarizer();
        var alice = Summarizing(summarizer, out var manager);
        var one = await alice.RunTurnAsync("bot", "one", Say("OLD"), Cancellation);
        using var hold = summarizer.Hold();
        for (var i = 0; i < 4; i++)
            await alice.RunTurnAsync("bot", $"q{i}", Say($"a{i}"), Cancellation);
        await summarizer.Reached;

        await alice.RegenerateAsync(one.ReplyMessageId!, Say("NEW"), Cancellation);
        hold.Dispose();
        await manager.WaitForSummariesAsync(Cancellation);

        var explanation = await alice.ExplainAsync(new TurnRequest("bot", "now"), Cancellation);
        (explanation.Window!.Summary?.Text ?? "").Should().NotContain("OLD");
        explanation.Window.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task Regenerate_that_fails_summarises_nothing()
    {
        var summarizer = new FakeSummarizer();
        var alice = Summarizing(summarizer, out var manager);
        await alice.RunTurnAsync("bot", "one", Say("1"), Cancellation);
        var two = await alice.RunTurnAsync("bot", "two", Say("2"), Cancellation);
        await manager.WaitForSummariesAsync(Cancellation);
        var fail = () => alice.RegenerateAsync(two.ReplyMessageId!, (turn, _) =>
        {
            for (var i = 0; i < 6; i++)
                turn.Add(ConversationMessage.Assistant($"half {i}"));
            throw new InvalidOperationException("The model is away.");
        }, Cancellation);

        await fail.Should().ThrowAsync<InvalidOperationException>();
        await manager.WaitForSummariesAsync(Cancellation);

        await using var turn = await alice.BeginTurnAsync(new TurnRequest("bot", "now"), Cancellation);
        turn.History.TakeLast(2).Select(message => message.Text).Should().Equal("two", "2");
    }

    [Fact]
    public async Task Fork_of_a_shared_conversation_leaves_it_current()
    {
        var shared = await Alice.RunTurnAsync("team-bot", "one", Say("1"), Cancellation);

        var fork = await Bob.ForkAsync(shared.ReplyMessageId!, cancellationToken: Cancellation);

        (await Alice.RunTurnAsync("team-bot", "two", Say("2"), Cancellation)).ConversationId.Should().Be(shared.ConversationId);
        (await Bob.RunTurnAsync(new TurnRequest("team-bot", "mine") { ConversationId = fork.Id }, Say("yours"), Cancellation)).ConversationId.Should().Be(fork.Id);
    }

    [Fact]
    public async Task Branches_of_a_conversation_out_of_reach_are_not_found()
    {
        var asked = await AskAsync("one", "1");

        foreach (var act in new Func<Task>[]
        {
            () => Bob.RegenerateAsync(asked.ReplyMessageId!, Say("2"), Cancellation),
            () => Bob.RestoreAsync(asked.ReplyMessageId!, cancellationToken: Cancellation),
            () => Bob.ForkAsync(asked.ReplyMessageId!, cancellationToken: Cancellation),
        })
        {
            await act.Should().ThrowAsync<ConversationNotFoundException>();
        }

        (await CurrentAsync(asked)).Should().Equal("one", "1");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("msg_00000000000000000000000000000000_1")]
    public async Task Branches_of_an_unknown_message_are_not_found(string id)
    {
        foreach (var act in new Func<Task>[]
        {
            () => Alice.RegenerateAsync(id, Say("2"), Cancellation),
            () => Alice.RestoreAsync(id, cancellationToken: Cancellation),
            () => Alice.ForkAsync(id, cancellationToken: Cancellation),
        })
        {
            (await act.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(id);
        }
    }

    [Fact]
    public async Task Regenerate_is_refused_when_the_message_was_superseded_with_its_question()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);

        var regenerate = () => Alice.RegenerateAsync(two.ReplyMessageId!, Say("2, rather"), Cancellation);

        (await regenerate.Should().ThrowAsync<MessageSupersededException>()).Which.MessageId.Should().Be(two.InputMessageId);
    }

    [Fact]
    public async Task Fork_copies_current_messages_up_to_a_message_and_leaves_the_source_unchanged()
    {
        var one = await AskAsync("one", "1");
        await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);
        var two = await AskAsync("two", "2");
        await AskAsync("three", "3");
        var before = await AllAsync(two);

        var fork = await Alice.ForkAsync(two.ReplyMessageId!, "Another way", Cancellation);

        fork.Should().BeEquivalentTo(new { ForkedFrom = two.ReplyMessageId, Title = "Another way", MessageCount = 4L });
        var copies = await Alice.GetMessagesAsync(fork.Id, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation);
        copies.Select(message => (message.Text, message.RunNumber, message.IsSuperseded)).Should().Equal(("one", null, false), ("1, rather", null, false), ("two", null, false), ("2", null, false));
        copies.Select(message => message.CreatedAt).Should().Equal(before.Where(message => !message.IsSuperseded).Take(4).Select(message => message.CreatedAt));
        (await AllAsync(two)).Should().Equal(before);
        (await AskAsync("four", "4")).ConversationId.Should().Be(fork.Id, "a new conversation becomes the current one");
        (await Alice.GetAsync(two.ConversationId!, Cancellation))!.ForkedFrom.Should().BeNull();
    }

    private ScopedConversations Summarizing(FakeSummarizer summarizer, out ConversationManager manager)
    {
        manager = new ConversationManager(
            Store,
            new ConversationOptions().AddAgent("bot", agent => (agent.Summarizer, agent.SummaryThreshold, agent.HistoryLimit) = (summarizer, 2, 5)),
            Time,
            Log);
        return manager.ForIdentity(ConversationIdentity.ForUser("alice"));
    }

    private async Task<List<string>> CurrentAsync(TurnResult result) =>
        [.. await Alice.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).Select(message => message.Text).ToListAsync(Cancellation)];

    private async Task<List<StoredMessage>> AllAsync(TurnResult result) =>
        await Alice.GetMessagesAsync(result.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation);

    private async Task<ConversationRun> RunAsync(TurnResult result) => (await Alice.GetRunAsync(result.RunId!, Cancellation))!;
}

public sealed class BranchTestsInMemory : BranchTests<InMemory>;

public sealed class BranchTestsOnSqlite : BranchTests<Sqlite>;
