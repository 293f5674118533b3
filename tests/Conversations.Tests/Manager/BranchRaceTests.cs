using Conversations.Storage;
using Conversations.Tests.Storage;

namespace Conversations.Tests.Manager;

/// <summary>Answering again and bringing back, when others speak, wait, retry or delete meanwhile.</summary>
public abstract class BranchRaceTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Regenerate_of_a_late_answer_keeps_messages_before_it()
    {
        var late = new TurnRequest(Bot, "one") { IdempotencyKey = "key" };
        await FailAsync(late);
        await AskAsync("two", "2");
        var one = await AskAsync(late, "1");
        await AskAsync("three", "3");
        IReadOnlyList<ConversationMessage> prompt = [];

        await Alice.RegenerateAsync(one.ReplyMessageId!, (turn, token) =>
        {
            prompt = turn.Prompt;
            return Say("1, rather")(turn, token);
        }, Cancellation);

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "half", "two", "2", "1, rather");
        prompt.Select(message => message.Text).Should().Equal("You are kind.", "two", "2", "one");
    }

    [Fact]
    public async Task Restore_of_a_restore_of_a_late_partial_answer_keeps_messages_before_it()
    {
        var late = new TurnRequest(Bot, "one") { IdempotencyKey = "key" };
        await FailAsync(late);
        await AskAsync("two", "2");
        var one = await AskAsync(late, "1");
        await FluentActions.Awaiting(() => Alice.RegenerateAsync(one.ReplyMessageId!, Failing, Cancellation)).Should().ThrowAsync<InvalidOperationException>();
        var half = (await Alice.GetMessagesAsync(one.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation))[^1];
        await Alice.RestoreAsync(half.Id!, cancellationToken: Cancellation);

        await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation);

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "half", "two", "2", "1");
    }

    [Fact]
    public async Task Regenerate_of_a_late_partial_answer_keeps_messages_before_it()
    {
        var late = new TurnRequest(Bot, "one") { IdempotencyKey = "key" };
        await FailAsync(late);
        var two = await AskAsync("two", "2");
        await FailAsync(late);
        var half = (await Alice.GetMessagesAsync(two.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation))[^1];

        await Alice.RegenerateAsync(half.Id!, Say("1"), Cancellation);

        (await TextsAsync(two.ConversationId)).Should().Equal("one", "half", "two", "2", "1");
    }

    [Fact]
    public async Task Regenerate_of_an_unanswered_message_supersedes_nothing()
    {
        string? asked = null;
        await Alice.RunTurnAsync(Bot, "one", (turn, _) =>
        {
            asked = turn.Input[0].Id;
            return Task.CompletedTask;
        }, Cancellation);
        await AskAsync("two", "2");
        var run = (await Alice.GetRunsAsync(ConversationOf(asked!), Cancellation).ToListAsync(Cancellation))[^1];
        run.OutputCount.Should().Be(0);

        var again = await Alice.RegenerateAsync(asked!, Say("1"), Cancellation);

        (await TextsAsync(again.ConversationId)).Should().Equal("one", "two", "2", "1");
    }

    [Fact]
    public async Task Regenerate_and_restore_are_refused_when_the_message_is_superseded_while_they_wait()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        await Alice.RegenerateAsync(two.ReplyMessageId!, Say("2, rather"), Cancellation);
        var turn = await Alice.BeginRegenerateAsync(new RegenerateRequest(one.ReplyMessageId!), Cancellation);
        var wait = BusyPolicy.Wait(TimeSpan.FromHours(1));
        var regenerate = Alice.RegenerateAsync(new RegenerateRequest(two.ReplyMessageId!) { OnBusy = wait }, Say("no"), Cancellation);
        var restore = Alice.RestoreAsync(two.ReplyMessageId!, wait, Cancellation);

        turn.Add(ConversationMessage.Assistant("1, rather"));
        await turn.CommitAsync(Cancellation);

        (await FluentActions.Awaiting(() => regenerate).Should().ThrowAsync<MessageSupersededException>()).Which.Code.Should().Be("MESSAGE_SUPERSEDED");
        await FluentActions.Awaiting(() => restore).Should().ThrowAsync<MessageSupersededException>();
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1, rather");
    }

    [Fact]
    public async Task Regenerate_of_a_message_that_was_deleted_is_not_found()
    {
        var one = await AskAsync("one", "1");
        await Alice.DeleteMessageAsync(one.InputMessageId!, Cancellation);

        var regenerate = () => Alice.RegenerateAsync(one.ReplyMessageId!, Say("2"), Cancellation);

        (await regenerate.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(one.InputMessageId);
    }

    [Fact]
    public async Task Regenerate_with_a_key_is_replayed_when_its_messages_have_changed()
    {
        var one = await AskAsync("one", "1");
        var two = await AskAsync("two", "2");
        var request = new RegenerateRequest(two.ReplyMessageId!) { IdempotencyKey = "click" };
        var first = await Alice.RegenerateAsync(request, Say("2, rather"), Cancellation);
        await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);
        await Alice.DeleteMessageAsync(two.InputMessageId!, Cancellation);
        await Alice.DeleteMessageAsync(two.ReplyMessageId!, Cancellation);

        var second = await Alice.RegenerateAsync(request, Say("no"), Cancellation);

        second.Should().BeEquivalentTo(new { IsReplay = true, first.RunId, ReplyText = "2, rather" });
        var other = () => Alice.RegenerateAsync(new RegenerateRequest(one.ReplyMessageId!) { IdempotencyKey = "click" }, Say("no"), Cancellation);
        await other.Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task Regenerate_with_a_key_runs_again_when_it_failed()
    {
        var one = await AskAsync("one", "1");
        var request = new RegenerateRequest(one.ReplyMessageId!) { IdempotencyKey = "click" };
        await FluentActions.Awaiting(() => Alice.RegenerateAsync(request, Failing, Cancellation)).Should().ThrowAsync<InvalidOperationException>();

        var again = await Alice.RegenerateAsync(request, Say("1, rather"), Cancellation);

        again.IsReplay.Should().BeFalse();
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1, rather");
    }

    [Fact]
    public async Task Result_of_a_call_that_a_restore_supersedes_blocks_nothing()
    {
        var old = await AskAsync("one", "1");
        await Alice.RegenerateAsync(old.ReplyMessageId!, (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("call", "door", "{}"));
            return Task.CompletedTask;
        }, Cancellation);
        var store = new BeforeBegin(Store) { Once = () => Alice.RestoreAsync(old.ReplyMessageId!, cancellationToken: Cancellation) };
        var racing = new ConversationManager(store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));

        var result = () => racing.RunTurnAsync(new TurnRequest(Bot, ConversationMessage.ToolResult("call", "opened")), Say("no"), Cancellation);

        await result.Should().ThrowAsync<ToolCallNotOpenException>();
        (await TextsAsync(old.ConversationId)).Should().Equal("one", "1");
        (await AskAsync("two", "2")).ConversationId.Should().Be(old.ConversationId);
    }

    [Fact]
    public async Task Restore_ignores_the_token_limit()
    {
        var one = await AskAsync("one", "1");
        var again = await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);
        var narrow = new ConversationManager(Store, new ConversationOptions().AddAgent(Bot, agent => agent.TokenLimit = 1), Time).ForIdentity(ConversationIdentity.ForUser("alice"));

        (await narrow.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();

        (await TextsAsync(again.ConversationId)).Should().Equal("one", "1");
    }

    [Fact]
    public async Task Restore_of_a_partial_answer_replaces_the_complete_answer()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        await FluentActions.Awaiting(() => Alice.RegenerateAsync(one.ReplyMessageId!, Failing, Cancellation)).Should().ThrowAsync<InvalidOperationException>();
        var half = (await Alice.GetMessagesAsync(one.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation))[^1];

        (await Alice.RestoreAsync(half.Id!, cancellationToken: Cancellation)).Should().BeTrue();

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "half");
        (await Alice.RestoreAsync(one.ReplyMessageId!, cancellationToken: Cancellation)).Should().BeTrue();
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "two", "2");
    }

    [Fact]
    public async Task Regenerate_by_hand_uses_the_limits_of_its_request()
    {
        await AskAsync("one", "1");
        var two = await AskAsync("two", "2");

        await using (var turn = await Alice.BeginRegenerateAsync(new RegenerateRequest(two.ReplyMessageId!) { HistoryLimit = 1 }, Cancellation))
        {
            turn.History.Should().BeEmpty();
            turn.Input.Should().ContainSingle().Which.Id.Should().Be(two.InputMessageId);
            turn.Add(ConversationMessage.Assistant("2, rather"));
            await turn.CommitAsync(Cancellation);
        }

        (await TextsAsync(two.ConversationId)).Should().Equal("one", "1", "two", "2, rather");
        var none = () => new RegenerateRequest("msg") { TokenLimit = 0 };
        none.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Fork_of_a_long_conversation_copies_all_of_it_up_to_the_message()
    {
        var messages = Enumerable.Range(1, 2_500).Select(i => i % 2 == 1 ? ConversationMessage.User($"{i}") : ConversationMessage.Assistant($"{i}"));
        var imported = await Manager.ImportAsync(new ConversationImport(Bot, [.. messages]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);
        await Alice.DeleteMessageAsync(ConversationIds.Message(imported.Id, 7), Cancellation);

        var fork = await Alice.ForkAsync(ConversationIds.Message(imported.Id, 2_400), cancellationToken: Cancellation);

        (await TextsAsync(fork.Id)).Should().Equal(Enumerable.Range(1, 2_400).Where(i => i != 7).Select(i => $"{i}"));
        await FluentActions.Awaiting(() => Alice.ForkAsync(ConversationIds.Message(imported.Id, 7), cancellationToken: Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();
    }

    [Fact]
    public async Task Fork_of_a_long_conversation_is_of_one_moment_when_messages_are_deleted_meanwhile()
    {
        var messages = Enumerable.Range(1, 2_500).Select(i => i % 2 == 1 ? ConversationMessage.User($"{i}") : ConversationMessage.Assistant($"{i}"));
        var imported = await Manager.ImportAsync(new ConversationImport(Bot, [.. messages]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);
        var store = new MeanwhileStore(Store, async () =>
        {
            await Alice.DeleteMessageAsync(ConversationIds.Message(imported.Id, 7), Cancellation);
            await Alice.DeleteMessageAsync(ConversationIds.Message(imported.Id, 2_300), Cancellation);
        });
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent(Bot)).ForIdentity(ConversationIdentity.ForUser("alice"));

        var fork = await alice.ForkAsync(ConversationIds.Message(imported.Id, 2_400), cancellationToken: Cancellation);

        (await TextsAsync(fork.Id)).Should().Equal(Enumerable.Range(1, 2_400).Where(i => i is not (7 or 2_300)).Select(i => $"{i}"));
    }

    [Fact]
    public async Task Fork_is_refused_at_a_superseded_message()
    {
        var one = await AskAsync("one", "1");
        await Alice.RegenerateAsync(one.ReplyMessageId!, Say("1, rather"), Cancellation);

        var fork = () => Alice.ForkAsync(one.ReplyMessageId!, cancellationToken: Cancellation);

        await fork.Should().ThrowAsync<MessageSupersededException>();
    }

    /// <summary>Does something once, after the first messages were read.</summary>
    private sealed class MeanwhileStore(IConversationStore inner, Func<Task> action) : DelegatingConversationStore(inner)
    {
        private Func<Task>? _action = action;

        public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default)
        {
            var messages = await base.ReadMessagesAsync(range, cancellationToken);
            if (Interlocked.Exchange(ref _action, null) is { } action)
                await action();
            return messages;
        }
    }

    private static string ConversationOf(string messageId) =>
        ConversationIds.TryParseMessage(messageId, out var conversationId, out _) ? conversationId : throw new InvalidOperationException("It is no message's id.");

    private static Task Failing(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant("half"));
        throw new InvalidOperationException("The model is away.");
    }

    private async Task FailAsync(TurnRequest request) =>
        await FluentActions.Awaiting(() => Alice.RunTurnAsync(request, Failing, Cancellation)).Should().ThrowAsync<InvalidOperationException>();

    /// <summary>Does something once, before a turn begins.</summary>
    private sealed class BeforeBegin(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public Func<Task>? Once { get; set; }

        public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            if (Once is { } once && batch.IsBegin())
            {
                Once = null;
                await once();
            }

            return await Inner.TryWriteAsync(batch, cancellationToken);
        }
    }
}

public sealed class BranchRaceTestsInMemory : BranchRaceTests<InMemory>;

public sealed class BranchRaceTestsOnSqlite : BranchRaceTests<Sqlite>;
