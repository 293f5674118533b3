using System.Threading.Channels;

namespace Conversations.Tests.Manager;

/// <summary>Streamed answers: the pieces that are passed on and saved, and the messages that they become.</summary>
public abstract class StreamTests<TStore> : StreamTest<TStore>
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
    public async Task Stream_becomes_several_messages_when_its_source_starts_them()
    {
        (string Text, bool Starts)[] pieces = [("One", true), (" two.", false), ("Three.", true), ("Four.", true)];
        var ids = new List<string?>();

        var result = await Alice.RunTurnAsync(Bot, "count", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(pieces.ToAsyncEnumerable().Select(Noted), piece => ConversationMessage.Assistant(piece.Text), piece => piece.Starts, cancellationToken: token))
            {
            }

            (string Text, bool Starts) Noted((string Text, bool Starts) piece)
            {
                if (piece.Starts)
                    ids.Add(turn.NextMessageId);
                return piece;
            }
        }, Cancellation);

        result.Messages.Select(message => message.Text).Should().Equal("One two.", "Three.", "Four.");
        result.Messages.Select(message => message.Id).Should().Equal(ids);
        var followed = await Alice.FollowAsync(result.RunId!, cancellationToken: Cancellation).Where(update => update.Fragment is not null).ToListAsync(Cancellation);
        followed.Select(update => update.Fragment!.Id).Distinct().Should().Equal(ids);
    }

    [Fact]
    public async Task Stream_of_messages_and_calls_starts_a_message_when_the_role_changes()
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
            await foreach (var _ in turn.StreamAsync(pieces.ToAsyncEnumerable(), piece => piece, cancellationToken: token))
            {
            }

            turn.Add(ConversationMessage.Assistant("Done."));
        }, Cancellation);

        result.Messages.Select(message => (message.Role, message.Text, message.Parts.Count)).Should().Equal(
            (MessageRole.Assistant, "Wait.", 1), (MessageRole.Assistant, "So:", 1), (MessageRole.Assistant, "I look.", 2), (MessageRole.Tool, "", 1), (MessageRole.Assistant, "I saw it.", 1), (MessageRole.Assistant, "Done.", 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stream_asks_for_the_metadata_of_calls_when_its_source_has_ended_or_failed(bool fails)
    {
        ToolCallPart[] calls = [new("1", "look", "{}"), new("1", "look", "{}"), new("2", "look", "{}") { Metadata = """{"at":1}""" }];
        var done = new HashSet<ToolCallPart>(ReferenceEqualityComparer.Instance);
        var run = () => Alice.RunTurnAsync(Bot, "look", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(PiecesAsync(), piece => piece, metadataOfCall: call => done.Contains(call) ? """{"done":true}""" : call.Metadata, cancellationToken: token))
            {
            }
        }, Cancellation);

        if (fails)
            await run.Should().ThrowAsync<TimeoutException>();
        else
            await run();

        var answer = (await Alice.GetMessagesAsync((await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation))[1];
        answer.Parts.Select(part => part.Metadata).Should().Equal(null, null, """{"done":true}""", """{"at":1}""");
        (answer.Text, answer.IsPartial).Should().Be(("Wait.", fails));

        async IAsyncEnumerable<ConversationMessage> PiecesAsync()
        {
            await Task.Yield();
            yield return ConversationMessage.Assistant("Wait.");
            yield return new ConversationMessage(MessageRole.Assistant, calls);
            done.Add(calls[1]);
            if (fails)
                throw new TimeoutException();
        }
    }

    [Fact]
    public async Task Metadata_of_a_call_that_cannot_be_had_fails_the_turn_and_loses_nothing()
    {
        var run = () => Alice.RunTurnAsync(Bot, "look", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(new[] { ConversationMessage.ToolCall("1", "look", "{}") }.ToAsyncEnumerable(), piece => piece, metadataOfCall: _ => throw new TimeoutException(), cancellationToken: token))
            {
            }
        }, Cancellation);

        await run.Should().ThrowAsync<TimeoutException>();

        var stored = await Alice.GetMessagesAsync((await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        stored[1].Parts.Should().ContainSingle().Which.Should().Be(new ToolCallPart("1", "look", "{}"));
        stored[1].IsPartial.Should().BeTrue();
    }

    [Fact]
    public async Task Metadata_of_a_call_has_a_limit()
    {
        var run = () => Alice.RunTurnAsync(Bot, "look", async (turn, token) =>
        {
            await foreach (var _ in turn.StreamAsync(new[] { ConversationMessage.ToolCall("1", "look", "{}") }.ToAsyncEnumerable(), piece => piece, metadataOfCall: _ => $$"""{"a":"{{new string('x', 1_000_000)}}"}""", cancellationToken: token))
            {
            }
        }, Cancellation);

        (await run.Should().ThrowAsync<MessageTooLargeException>()).Which.LimitName.Should().Be("MaxMetadataBytes");
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
    public async Task Stream_without_pieces_adds_nothing()
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
    public async Task Stream_is_saved_early_when_much_text_arrives_at_once()
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

        saved.Should().BeInRange(3, 5, "64 K are much, and the clock does not move");
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
    public async Task Stream_that_cannot_be_saved_is_saved_again_and_fails_no_turn()
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
    public async Task Stream_is_refused_for_a_replay_and_after_the_end_of_the_turn()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key" };
        await AskAsync(request);
        await using var replay = await Alice.BeginTurnAsync(request, Cancellation);

        var read = async () => await replay.StreamAsync(new[] { "a" }.ToAsyncEnumerable(), Cancellation).ToListAsync(Cancellation);

        await read.Should().ThrowAsync<InvalidOperationException>();
        var user = async () => await Alice.RunTurnAsync(Bot, "hi", (turn, token) => turn.StreamAsync(new[] { 1 }.ToAsyncEnumerable(), _ => ConversationMessage.User("forged"), cancellationToken: token).ToListAsync(token).AsTask(), Cancellation);
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
}

public sealed class StreamTestsInMemory : StreamTests<InMemory>;

public sealed class StreamTestsOnSqlite : StreamTests<Sqlite>;
