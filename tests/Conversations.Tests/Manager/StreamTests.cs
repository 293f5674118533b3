using System.Threading.Channels;

namespace Conversations.Tests.Manager;

/// <summary>Answers that come piece by piece: what is passed on, what is saved, and what is left when they are cut off.</summary>
public abstract class StreamTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Stream_is_passed_on_at_once_and_is_one_message_in_the_end()
    {
        var source = Channel.CreateUnbounded<string>();
        string? promised = null;
        var read = new List<string>();

        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            promised = turn.NextMessageId;
            source.Writer.TryWrite("Good ");
            await foreach (var piece in turn.StreamAsync(source.Reader.ReadAllAsync(token), token))
            {
                read.Add(piece);
                if (read.Count == 1)
                    source.Writer.TryWrite("morning");
                else
                    source.Writer.TryComplete();
            }

            turn.Added.Should().ContainSingle();
        }, Cancellation);

        read.Should().Equal("Good ", "morning");
        result.Should().BeEquivalentTo(new { ReplyText = "Good morning", ReplyMessageId = promised });
        var stored = await Alice.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        stored[1].Should().BeEquivalentTo(new { Id = promised, Text = "Good morning", IsPartial = false, Kind = MessageKind.Message });
        stored[1].Parts.Should().ContainSingle();
    }

    [Fact]
    public async Task Stream_of_2000_pieces_over_10_seconds_costs_at_most_20_writes()
    {
        var watch = new StreamWatch(Store);

        var result = await Over(watch).RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(Ticking(2_000, TimeSpan.FromMilliseconds(5)), token))
            {
            }
        }, Cancellation);

        watch.Writes.Should().BeInRange(11, 20);
        result.ReplyText.Should().Be(string.Concat(Enumerable.Range(0, 2_000).Select(Word)));
    }

    [Fact]
    public async Task Stream_of_messages_and_calls_becomes_messages_where_the_role_changes()
    {
        ConversationMessage[] pieces =
        [
            ConversationMessage.Assistant("I lo"), ConversationMessage.Assistant("ok."), ConversationMessage.ToolCall("1", "look", "{}"),
            ConversationMessage.ToolResult("1", "seen"), ConversationMessage.Assistant("I saw"), ConversationMessage.Assistant(" it."),
        ];

        var result = await Alice.RunTurnAsync(Bot, "look", async (turn, token) =>
        {
            turn.Add(ConversationMessage.Assistant("Wait."));
            turn.Add(ConversationMessage.Assistant("So:"));
            await foreach (var _ in turn.StreamAsync(pieces.ToAsyncEnumerable(), piece => piece, token))
            {
            }

            turn.Add(ConversationMessage.Assistant("Done."));
        }, Cancellation);

        result.Messages.Select(message => (message.Role, message.Text, message.Parts.Count)).Should().Equal(
            (MessageRole.Assistant, "Wait.", 1), (MessageRole.Assistant, "So:", 1), (MessageRole.Assistant, "I look.", 2), (MessageRole.Tool, "", 1), (MessageRole.Assistant, "I saw it.", 1), (MessageRole.Assistant, "Done.", 1));
    }

    [Fact]
    public async Task Stream_keeps_characters_that_are_cut_between_pieces()
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(new[] { "a\uD83D", "\uDE00", "", "b\uD83D" }.ToAsyncEnumerable(), token))
            {
            }
        }, Cancellation);

        result.ReplyText.Should().Be("a😀b\uFFFD");
    }

    [Fact]
    public async Task Stream_of_nothing_adds_nothing()
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(AsyncEnumerable.Empty<string>(), token))
            {
            }
        }, Cancellation);

        result.Messages.Should().BeEmpty();
        (await TextsAsync(result.ConversationId)).Should().Equal("hello");
    }

    [Fact]
    public async Task Stream_goes_on_when_its_reader_leaves()
    {
        var source = Channel.CreateUnbounded<string>();
        source.Writer.TryWrite("one ");
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        await foreach (var _ in turn.StreamAsync(source.Reader.ReadAllAsync(Cancellation), Cancellation))
            break;
        var add = () => turn.Add(ConversationMessage.Assistant("too early"));
        add.Should().Throw<InvalidOperationException>();

        var commit = turn.CommitAsync(Cancellation);
        source.Writer.TryWrite("two");
        commit.IsCompleted.Should().BeFalse();
        source.Writer.TryComplete();

        (await commit).ReplyText.Should().Be("one two");
    }

    [Fact]
    public async Task Stream_that_fails_when_its_reader_has_left_fails_the_turn()
    {
        var source = Channel.CreateUnbounded<string>();
        source.Writer.TryWrite("one ");
        string? runId = null;

        var run = () => Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            runId = turn.RunId;
            await foreach (var _ in turn.StreamAsync(source.Reader.ReadAllAsync(token), token))
                break;
            source.Writer.TryComplete(new TimeoutException("The model is away."));
        }, Cancellation);

        await run.Should().ThrowAsync<TimeoutException>();
        (await Alice.GetRunAsync(runId!, Cancellation)).Should().BeEquivalentTo(new { Status = RunStatus.Failed, Error = "System.TimeoutException", OutputCount = 1 });
    }

    [Fact]
    public async Task Stream_that_fails_leaves_what_has_come_marked_partial()
    {
        string? conversationId = null;

        var run = () => Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            conversationId = turn.ConversationId;
            await foreach (var _ in turn.StreamAsync(FailingAfter("half an "), token))
            {
            }
        }, Cancellation);

        await run.Should().ThrowAsync<TimeoutException>();
        (await PartialsAsync(conversationId)).Should().Equal(("hello", false), ("half an ", true));
    }

    [Fact]
    public async Task Stream_that_is_cancelled_leaves_what_has_come_marked_partial()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var source = Channel.CreateUnbounded<string>();
        source.Writer.TryWrite("half an ");
        string? runId = null;

        var run = () => Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            runId = turn.RunId;
            await foreach (var _ in turn.StreamAsync(source.Reader.ReadAllAsync(CancellationToken.None), token))
                await cancelling.CancelAsync();
        }, cancelling.Token);

        await run.Should().ThrowAsync<OperationCanceledException>();
        var ended = (await Alice.GetRunAsync(runId!, Cancellation))!;
        ended.Status.Should().Be(RunStatus.Cancelled);
        (await PartialsAsync(ended.ConversationId)).Should().Equal(("hello", false), ("half an ", true));
    }

    [Fact]
    public async Task Stream_that_failed_can_be_followed_by_another()
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            try
            {
                await foreach (var _ in turn.StreamAsync(FailingAfter("half an "), token))
                {
                }
            }
            catch (TimeoutException)
            {
                await foreach (var _ in turn.StreamAsync(new[] { "answer" }.ToAsyncEnumerable(), token))
                {
                }
            }
        }, Cancellation);

        (await PartialsAsync(result.ConversationId)).Should().Equal(("hello", false), ("half an ", true), ("answer", false));
    }

    [Fact]
    public async Task Stream_that_failed_has_been_added_when_its_reader_is_told()
    {
        await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            var partial = turn.NextMessageId;
            await FluentActions.Awaiting(() => turn.StreamAsync(FailingAfter("half an "), token).ToListAsync(Cancellation).AsTask()).Should().ThrowAsync<TimeoutException>();
            turn.Added.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Id = partial, IsPartial = true });
            var promised = turn.NextMessageId;
            turn.Add(ConversationMessage.Assistant("whole")).Id.Should().Be(promised);
        }, Cancellation);
    }

    [Fact]
    public async Task Stream_whose_source_does_not_listen_can_be_stopped_and_followed_by_something_else()
    {
        using var patience = new CancellationTokenSource();
        var stuck = Channel.CreateUnbounded<string>();
        stuck.Writer.TryWrite("half");

        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, unused) =>
        {
            await FluentActions.Awaiting(async () =>
            {
                await foreach (var _ in turn.StreamAsync(stuck.Reader.ReadAllAsync(CancellationToken.None), patience.Token))
                    await patience.CancelAsync();
            }).Should().ThrowAsync<OperationCanceledException>();
            turn.Add(ConversationMessage.Assistant("whole"));
        }, Cancellation);

        (await PartialsAsync(result.ConversationId)).Should().Equal(("hello", false), ("half", true), ("whole", false));
    }

    [Fact]
    public async Task RunTurn_whose_reader_has_left_a_source_that_does_not_listen_can_be_cancelled()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var stuck = Channel.CreateUnbounded<string>();
        stuck.Writer.TryWrite("half");
        string? runId = null;
        var left = new TaskCompletionSource();

        var run = Alice.RunTurnAsync(Bot, "hello", async (turn, unused) =>
        {
            runId = turn.RunId;
            await foreach (var _ in turn.StreamAsync(stuck.Reader.ReadAllAsync(CancellationToken.None), CancellationToken.None))
                break;
            left.SetResult();
        }, cancelling.Token);
        await left.Task;
        await cancelling.CancelAsync();

        await FluentActions.Awaiting(() => run).Should().ThrowAsync<OperationCanceledException>();
        var ended = (await Alice.GetRunAsync(runId!, Cancellation))!;
        ended.Status.Should().Be(RunStatus.Cancelled);
        (await PartialsAsync(ended.ConversationId)).Should().Equal(("hello", false), ("half", true));
    }

    [Fact]
    public async Task Stream_that_is_given_no_token_stops_with_its_agent()
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pulled = 0;
        async IAsyncEnumerable<string> Endless()
        {
            while (true)
            {
                pulled++;
                yield return "x";
                await Task.Yield();
            }
        }

        var run = () => Alice.RunTurnAsync(Bot, "hello", async (turn, unused) =>
        {
            await foreach (var _ in turn.StreamAsync(Endless(), CancellationToken.None))
            {
                if (pulled > 3)
                    await cancelling.CancelAsync();
            }
        }, cancelling.Token);

        await run.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Token_of_the_enumeration_is_the_readers_who_leaves()
    {
        using var leaving = new CancellationTokenSource();
        var source = Channel.CreateUnbounded<string>();
        source.Writer.TryWrite("one ");

        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            try
            {
                await foreach (var _ in turn.StreamAsync(source.Reader.ReadAllAsync(token), token).WithCancellation(leaving.Token))
                    await leaving.CancelAsync();
            }
            catch (OperationCanceledException)
            {
                source.Writer.TryWrite("two");
                source.Writer.TryComplete();
            }
        }, Cancellation);

        (await PartialsAsync(result.ConversationId)).Should().Equal(("hello", false), ("one two", false));
    }

    [Fact]
    public async Task Stream_that_cannot_be_counted_when_its_turn_fails_is_kept_all_the_same()
    {
        var counter = TokenCounter.Create("broken", text => text.Contains("half", StringComparison.Ordinal) ? throw new InvalidOperationException("No count.") : 1);
        var manager = new ConversationManager(Store, new ConversationOptions().AddAgent(Bot, agent => agent.TokenCounter = counter), Time, Log);
        string? runId = null;

        var run = () => manager.ForIdentity(ConversationIdentity.ForUser("alice")).RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            runId = turn.RunId;
            await foreach (var _ in turn.StreamAsync(FailingAfter("half an "), token))
            {
            }
        }, Cancellation);

        await run.Should().ThrowAsync<InvalidOperationException>().WithMessage("No count.");
        var ended = (await Alice.GetRunAsync(runId!, Cancellation))!;
        ended.Status.Should().Be(RunStatus.Failed);
        (await PartialsAsync(ended.ConversationId)).Should().Equal(("hello", false), ("half an ", true));
    }

    [Fact]
    public async Task Stream_of_much_at_once_is_saved_before_its_time()
    {
        var watch = new StreamWatch(Store);
        var saved = 0;

        var result = await Over(watch).RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(Enumerable.Range(0, 30).Select(_ => new string('x', 10_000)).ToAsyncEnumerable(), token))
            {
            }

            saved = watch.Writes - 1;
        }, Cancellation);

        saved.Should().BeInRange(3, 5, "64 K are much, and the clock stands still");
        result.ReplyText!.Length.Should().Be(300_000);
    }

    [Fact]
    public async Task Stream_is_enumerated_once()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stream = turn.StreamAsync(new[] { "a" }.ToAsyncEnumerable(), Cancellation);
        await stream.ToListAsync(Cancellation);

        var again = async () => await stream.ToListAsync(Cancellation);

        await again.Should().ThrowAsync<InvalidOperationException>();
        (await turn.CommitAsync(Cancellation)).ReplyText.Should().Be("a");
    }

    [Fact]
    public async Task Partial_output_is_not_kept_where_that_is_turned_off()
    {
        var manager = new ConversationManager(Store, new ConversationOptions().AddAgent(Bot, agent => agent.KeepPartialOutput = false), Time);
        string? runId = null;
        var run = () => manager.ForIdentity(ConversationIdentity.ForUser("alice")).RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            runId = turn.RunId;
            await foreach (var _ in turn.StreamAsync(FailingAfter("half an "), token))
            {
            }
        }, Cancellation);

        await run.Should().ThrowAsync<TimeoutException>();

        (await TextsAsync((await Manager.GetRunAsync(runId!, Cancellation))!.ConversationId)).Should().Equal("hello");
        var updates = await Alice.FollowAsync(runId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        string.Concat(updates.Select(update => update.Text)).Should().Be("half an ", "whoever follows has it for a while");
        Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(1));
        (await Alice.FollowAsync(runId!, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.EndedAs.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public async Task Stream_that_cannot_be_saved_is_tried_again_and_fails_no_turn()
    {
        var watch = new StreamWatch(Store) { OnAppend = () => throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "Away.") };
        var alice = Over(watch);
        await using var turn = await alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var source = Channel.CreateUnbounded<string>();
        await using var pieces = turn.StreamAsync(source.Reader.ReadAllAsync(Cancellation), Cancellation).GetAsyncEnumerator(Cancellation);
        await NextAsync(source, pieces, "one ");
        Time.Advance(TimeSpan.FromSeconds(1));
        await NextAsync(source, pieces, "two ");
        watch.OnAppend = null;
        Time.Advance(TimeSpan.FromSeconds(1));

        await using var follower = alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        var followed = "";
        while (followed.Length < 8 && await follower.MoveNextAsync())
            followed += follower.Current.Text;

        followed.Should().Be("one two ");
        Log.Entries.Should().Contain(entry => entry.Text.Contains("could not be saved", StringComparison.Ordinal));
        source.Writer.TryComplete();
        (await pieces.MoveNextAsync()).Should().BeFalse();
        (await turn.CommitAsync(Cancellation)).ReplyText.Should().Be("one two ");
    }

    [Fact]
    public async Task Stream_of_a_turn_that_is_not_stored_is_passed_on()
    {
        var result = await Alice.RunTurnAsync("oracle", "hello", async (turn, token) =>
        {
            turn.NextMessageId.Should().BeNull();
            await foreach (var _ in turn.StreamAsync(new[] { "a", "b" }.ToAsyncEnumerable(), token))
            {
            }
        }, Cancellation);

        result.ReplyText.Should().Be("ab");
    }

    [Fact]
    public async Task Stream_of_a_replay_or_of_a_turn_that_is_over_is_refused()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key" };
        await AskAsync(request);
        await using var replay = await Alice.BeginTurnAsync(request, Cancellation);

        var read = async () => await replay.StreamAsync(new[] { "a" }.ToAsyncEnumerable(), Cancellation).ToListAsync(Cancellation);

        await read.Should().ThrowAsync<InvalidOperationException>();
        var user = async () => await Alice.RunTurnAsync(Bot, "hi", (turn, token) => turn.StreamAsync(new[] { 1 }.ToAsyncEnumerable(), _ => ConversationMessage.User("forged"), token).ToListAsync(token).AsTask(), Cancellation);
        await user.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Prompts_that_an_agent_takes_are_counted_with_the_history_in_them()
    {
        await AskAsync("one", "1");

        var result = await Alice.RunTurnAsync(Bot, "two", (turn, _) =>
        {
            var first = turn.Window.Tokens.Count;
            turn.Prompt.Should().HaveCount(4);
            turn.Add(ConversationMessage.ToolCall("1", "look", "{}"));
            turn.Add(ConversationMessage.ToolResult("1", "seen"));
            turn.Prompt.Should().HaveCount(6);
            turn.Model = $"{first + turn.Window.Tokens.Count}";
            return Task.CompletedTask;
        }, Cancellation);
        var unread = await AskAsync("three", "3");

        var run = (await Alice.GetRunAsync(result.RunId!, Cancellation))!;
        run.PromptTokens.Should().Be(long.Parse(run.Model!, System.Globalization.CultureInfo.InvariantCulture));
        run.HistoryTokens.Should().Be(2 * new[] { "one", "1" }.Sum(text => PromptCost.Count(TokenCounter.Estimate, ConversationMessage.User(text)).Count));
        (await Alice.GetRunAsync(unread.RunId!, Cancellation))!.PromptTokens.Should().BeNull();
    }

    private static string Word(int i) => $"w{i} ";

    private static async IAsyncEnumerable<string> FailingAfter(string text)
    {
        yield return text;
        await Task.CompletedTask;
        throw new TimeoutException("The model is away.");
    }

    private static async Task NextAsync(Channel<string> source, IAsyncEnumerator<string> pieces, string piece)
    {
        source.Writer.TryWrite(piece);
        (await pieces.MoveNextAsync()).Should().BeTrue();

        // The piece is passed on before it is put aside to be saved; the one after it, when that was done.
        source.Writer.TryWrite("");
        (await pieces.MoveNextAsync()).Should().BeTrue();
    }

    private async IAsyncEnumerable<string> Ticking(int count, TimeSpan pause)
    {
        for (var i = 0; i < count; i++)
        {
            Time.Advance(pause);
            yield return Word(i);
        }

        await Task.CompletedTask;
    }

    private ScopedConversations Over(StreamWatch watch) => new ConversationManager(watch, Options(), Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));

    private async Task<List<(string Text, bool IsPartial)>> PartialsAsync(string? conversationId) =>
        [.. await Alice.GetMessagesAsync(conversationId!, cancellationToken: Cancellation).Select(message => (message.Text, message.IsPartial)).ToListAsync(Cancellation)];
}

public sealed class StreamTestsInMemory : StreamTests<InMemory>;

public sealed class StreamTestsOnSqlite : StreamTests<Sqlite>;
