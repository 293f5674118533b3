using System.Threading.Channels;

namespace Conversations.Tests.Manager;

/// <summary>Streamed answers whose reader leaves, that fail or are stopped, and what is kept of them.</summary>
public abstract class StreamEndTests<TStore> : StreamTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Stream_continues_when_its_reader_leaves()
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
    public async Task Stream_that_fails_leaves_its_pieces_marked_partial()
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
    public async Task Stream_that_is_cancelled_leaves_its_pieces_marked_partial()
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
    public async Task Stream_that_failed_is_added_before_its_reader_gets_the_exception()
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
    public async Task Stream_can_be_stopped_and_followed_by_another_when_its_source_ignores_cancellation()
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
    public async Task RunTurn_can_be_cancelled_when_the_reader_left_and_the_source_ignores_cancellation()
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
    public async Task Stream_without_a_token_stops_with_its_agent()
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
    public async Task Token_of_the_enumeration_ends_only_the_reading()
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
    public async Task Stream_is_kept_when_its_turn_fails_and_it_cannot_be_counted()
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
    public async Task Partial_output_is_not_kept_when_it_is_turned_off()
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
        string.Concat(updates.Select(update => update.Text)).Should().Be("half an ", "a follower can read it for a while");
        Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(1));
        (await Alice.FollowAsync(runId!, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.EndedAs.Should().Be(RunStatus.Failed);
    }
}

public sealed class StreamEndTestsInMemory : StreamEndTests<InMemory>;

public sealed class StreamEndTestsOnSqlite : StreamEndTests<Sqlite>;
