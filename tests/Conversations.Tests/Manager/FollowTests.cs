using System.Threading.Channels;

namespace Conversations.Tests.Manager;

/// <summary>Following a run: late, from any offset, from another manager, and after its process has died.</summary>
public abstract class FollowTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string Text = "The 😀 quick brown fox";

    [Fact]
    public async Task Follow_returns_saved_pieces_then_new_pieces_then_the_end()
    {
        var watch = new StreamWatch(Store);
        var alice = Over(watch);
        await using var turn = await alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var promised = turn.NextMessageId;
        var stream = new Feed(turn, Time);
        await stream.NextAsync("one ");
        await using var follower = alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);

        (await follower.MoveNextAsync()).Should().BeTrue();
        follower.Current.Should().BeEquivalentTo(new { Offset = 0L, NextOffset = 4L, Text = "one ", EndedAs = (RunStatus?)null });
        follower.Current.Fragment!.Id.Should().Be(promised).And.NotBe(turn.NextMessageId, "a message that has begun is not the next one any more");
        var next = follower.MoveNextAsync().AsTask();
        await stream.NextAsync("two");
        (await next).Should().BeTrue();
        follower.Current.Should().BeEquivalentTo(new { Offset = 4L, Text = "two" });
        next = follower.MoveNextAsync().AsTask();
        await stream.EndAsync();
        await turn.CommitAsync(Cancellation);
        (await next).Should().BeTrue();
        follower.Current.Should().BeEquivalentTo(new { Offset = 7L, NextOffset = 7L, EndedAs = RunStatus.Completed, Fragment = (ConversationMessage?)null });
        (await follower.MoveNextAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Follow_from_another_process_polls()
    {
        var watch = new StreamWatch(Store);
        await using var turn = await Over(watch).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stream = new Feed(turn, Time);
        var following = TextAsync(Alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation));

        foreach (var word in Text.Split(' '))
            await stream.NextAsync(word + " ");
        await stream.EndAsync();
        await turn.CommitAsync(Cancellation);
        while (!following.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await following).Should().Be(Text + " ");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Follow_from_any_offset_returns_the_rest(bool isOver)
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.ToolCall("1", "look", "{}"));
        turn.Add(ConversationMessage.ToolResult("1", "seen"));
        var stream = new Feed(turn, Time);
        for (var i = 0; i < Text.Length; i += 3)
            await stream.NextAsync(Text[i..Math.Min(i + 3, Text.Length)]);
        if (isOver)
        {
            await stream.EndAsync();
            await turn.CommitAsync(Cancellation);
        }

        for (var from = 0; from <= 2 + Text.Length; from++)
        {
            var read = new List<StreamUpdate>();
            await using var follower = Alice.FollowAsync(turn.RunId!, from, Cancellation).GetAsyncEnumerator(Cancellation);
            while ((read.Count == 0 ? from : read[^1].NextOffset) < 2 + Text.Length && await follower.MoveNextAsync())
                read.Add(follower.Current);

            var rest = Text[Math.Max(0, from - 2)..];
            string.Concat(read.Select(update => update.Text)).Should().Be(char.IsLowSurrogate(rest.FirstOrDefault()) ? rest[1..] : rest);
            read.Sum(update => update.Fragment!.Parts.Count(part => part is not TextPart)).Should().Be(Math.Max(0, 2 - from));
            read.Skip(1).Select(update => update.Offset).Should().Equal(read.SkipLast(1).Select(update => update.NextOffset));
        }
    }

    [Fact]
    public async Task Follow_of_a_run_whose_process_died_ends_after_the_saved_pieces_and_leaves_a_message()
    {
        var (turn, promised) = await DyingAsync("half an ", "unsaved");

        var following = Alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask();
        while (!following.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var updates = await following;
        string.Concat(updates.Select(update => update.Text)).Should().Be("half an ");
        updates[^1].EndedAs.Should().Be(RunStatus.Interrupted);
        Log.Entries.Should().ContainSingle(entry => entry.Text.StartsWith($"Run '{turn.RunId}' has a follower", StringComparison.Ordinal));
        var messages = await Alice.GetMessagesAsync(turn.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        messages.Select(message => (message.Id, message.Text, message.IsPartial)).Should().Equal((turn.Input[0].Id!, "hello", false), (promised!, "half an ", true));
        await FluentActions.Awaiting(() => turn.CommitAsync(Cancellation)).Should().ThrowAsync<LeaseLostException>();
    }

    [Fact]
    public async Task Turn_that_takes_over_reads_the_saved_stream_before_its_input()
    {
        var (turn, promised) = await DyingAsync("half an ", "unsaved");
        Time.Advance(TimeSpan.FromMinutes(1));

        var next = await AskAsync("again", "whole");

        (await TextsAsync(next.ConversationId)).Should().Equal("hello", "half an ", "again", "whole");
        (await Alice.GetMessagesAsync(next.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation))[1].Id.Should().Be(promised);
        (await TextAsync(Alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation))).Should().Be("half an ");
    }

    [Fact]
    public async Task Second_answer_whose_process_died_is_not_current()
    {
        var first = await AskAsync("hello", "first");
        var watch = new StreamWatch(Store) { RefusesRenewals = true };
        var turn = await Over(watch).BeginRegenerateAsync(new RegenerateRequest(first.ReplyMessageId!), Cancellation);
        var stream = new Feed(turn, Time);
        await stream.NextAsync("half a second");
        Time.Advance(TimeSpan.FromMinutes(1));

        await AskAsync("next", "answer");

        (await TextsAsync(first.ConversationId)).Should().Equal("hello", "first", "next", "answer");
        (await Alice.GetMessagesAsync(first.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation))
            .Should().ContainSingle(message => message.IsSuperseded).Which.Text.Should().Be("half a second");
    }

    [Fact]
    public async Task Retry_of_a_request_whose_process_died_answers_without_its_partial_output()
    {
        var (turn, _) = await DyingAsync("half an ", "unsaved", new TurnRequest(Bot, "hello") { IdempotencyKey = "key" });
        Time.Advance(TimeSpan.FromMinutes(1));
        IReadOnlyList<ConversationMessage> prompt = [];

        var again = await Alice.RunTurnAsync(new TurnRequest(Bot, "hello") { IdempotencyKey = "key" }, (retry, token) =>
        {
            prompt = retry.Prompt;
            return Say("whole")(retry, token);
        }, Cancellation);

        prompt.Select(message => message.Text).Should().Equal("You are kind.", "hello");
        (await TextsAsync(again.ConversationId)).Should().Equal(["hello", "whole"], "the half answer is superseded");
        (await Alice.GetRunAsync(turn.RunId!, Cancellation)).Should().BeEquivalentTo(new { Status = RunStatus.Superseded, Outcome = RunStatus.Interrupted });
        again.InputMessageId.Should().Be(turn.Input[0].Id);
    }

    [Fact]
    public async Task Follow_of_a_late_run_lets_it_commit()
    {
        var watch = new StreamWatch(Store);
        await using var turn = await Over(watch).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        watch.RefusesRenewals = true;
        var following = Alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask();
        Time.Advance(TimeSpan.FromSeconds(31));

        turn.Add(ConversationMessage.Assistant("late"));
        await turn.CommitAsync(Cancellation);
        while (!following.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        string.Concat((await following).Select(update => update.Text)).Should().Be("late");
    }

    [Fact]
    public async Task Follow_returns_the_remaining_output_when_a_message_of_the_run_was_deleted()
    {
        var asked = await Alice.RunTurnAsync(Bot, "hello", Say("a", "b", "c"), Cancellation);
        await Alice.DeleteMessageAsync(asked.Messages[0].Id!, Cancellation);

        (await TextAsync(Alice.FollowAsync(asked.RunId!, cancellationToken: Cancellation))).Should().Be("bc");
    }

    [Fact]
    public async Task Follow_of_a_superseded_answer_returns_its_end()
    {
        var asked = await AskAsync("one", "1");
        await Alice.RegenerateAsync(asked.ReplyMessageId!, Say("2"), Cancellation);

        var updates = await Alice.FollowAsync(asked.RunId!, cancellationToken: Cancellation).ToListAsync(Cancellation);

        updates.Select(update => (update.Text, update.EndedAs)).Should().Equal(("1", null), ("", RunStatus.Completed));
    }

    [Fact]
    public async Task Follow_from_beyond_the_end_returns_the_end_offset()
    {
        var asked = await AskAsync("hello", "short");

        var updates = await Alice.FollowAsync(asked.RunId!, 1_000, Cancellation).ToListAsync(Cancellation);

        updates.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Offset = 5L, EndedAs = RunStatus.Completed, Text = "" });
    }

    [Fact]
    public async Task Follow_is_not_found_when_the_run_is_unknown_or_out_of_reach()
    {
        var asked = await AskAsync();

        var foreign = async () => await Bob.FollowAsync(asked.RunId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        var unknown = async () => await Alice.FollowAsync(asked.RunId + "1", cancellationToken: Cancellation).ToListAsync(Cancellation);
        var nonsense = async () => await Alice.FollowAsync("nonsense", cancellationToken: Cancellation).ToListAsync(Cancellation);
        var negative = () => Alice.FollowAsync(asked.RunId!, -1, Cancellation);

        (await foreign.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be(asked.RunId);
        await unknown.Should().ThrowAsync<ConversationNotFoundException>();
        (await nonsense.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be("nonsense");
        negative.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static async Task<string> TextAsync(IAsyncEnumerable<StreamUpdate> updates) =>
        string.Concat(await updates.Select(update => update.Text).ToListAsync(Cancellation));

    private ScopedConversations Over(StreamWatch watch) => new ConversationManager(watch, Options(), Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));

    /// <summary>A turn that has streamed and then neither writes nor ends.</summary>
    private async Task<(ConversationTurn Turn, string? PromisedId)> DyingAsync(string saved, string unsaved, TurnRequest? request = null)
    {
        var watch = new StreamWatch(Store);
        var turn = await Over(watch).BeginTurnAsync(request ?? new TurnRequest(Bot, "hello"), Cancellation);
        var promised = turn.NextMessageId;
        var stream = new Feed(turn, Time);
        await stream.NextAsync(saved);
        watch.RefusesRenewals = true;
        watch.OnAppend = () => throw new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "Away.");
        await stream.NextAsync(unsaved);
        await stream.EndAsync();
        return (turn, promised);
    }

    /// <summary>A stream that a test feeds; each piece has been saved, or tried to be, when it has been given.</summary>
    private sealed class Feed
    {
        private readonly Channel<string> _source = Channel.CreateUnbounded<string>();
        private readonly IAsyncEnumerator<string> _pieces;
        private readonly StoreSpecification.ManualTimeProvider _time;

        public Feed(ConversationTurn turn, StoreSpecification.ManualTimeProvider time)
        {
            _time = time;
            _pieces = turn.StreamAsync(_source.Reader.ReadAllAsync(Cancellation), Cancellation).GetAsyncEnumerator(Cancellation);
        }

        public async Task NextAsync(string piece)
        {
            // A piece is passed on before it is put aside to be saved; the one after it, when that was done.
            foreach (var next in (string[])[piece, ""])
            {
                _source.Writer.TryWrite(next);
                (await _pieces.MoveNextAsync()).Should().BeTrue();
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        public async Task EndAsync()
        {
            _source.Writer.TryComplete();
            (await _pieces.MoveNextAsync()).Should().BeFalse();
        }
    }
}

public sealed class FollowTestsInMemory : FollowTests<InMemory>;

public sealed class FollowTestsOnSqlite : FollowTests<Sqlite>;
