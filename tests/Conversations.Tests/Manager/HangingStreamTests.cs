using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>A write of a stream that hangs holds up neither a commit nor the exception of an agent.</summary>
public sealed class HangingStreamTests
{
    private const string Bot = "support-bot";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunTurn_throws_the_exception_of_the_agent_while_a_write_of_its_stream_hangs()
    {
        await using var store = new HangingStore();
        var mine = Mine(store);

        var run = mine.RunTurnAsync(
            Bot,
            "hello",
            async (turn, ct) =>
            {
                await StreamAsync(turn, store, ct);
                throw new TimeoutException();
            },
            Token);

        await run.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<TimeoutException>();
        (await mine.GetRunsAsync((await mine.GetCurrentAsync(Bot, cancellationToken: Token))!.Id, Token).ToListAsync(Token)).Should().ContainSingle().Which.Status.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public async Task Commit_is_written_while_a_write_of_its_stream_hangs()
    {
        await using var store = new HangingStore();

        var result = await Mine(store).RunTurnAsync(Bot, "hello", (turn, ct) => StreamAsync(turn, store, ct), Token).WaitAsync(Longest, Token);

        result.ReplyText.Should().Be("hi");
    }

    [Fact]
    public async Task Source_with_much_text_is_read_to_its_end_while_a_write_of_its_stream_hangs()
    {
        await using var store = new HangingStore();

        var result = await Mine(store).RunTurnAsync(Bot, "hello", async (turn, ct) => await turn.StreamAsync(MuchTextAsync(), ct).LastAsync(ct), Token).WaitAsync(Longest, Token);

        result.Messages[0].Text.Should().HaveLength(200_000);

        async IAsyncEnumerable<string> MuchTextAsync()
        {
            yield return "h";
            await store.Hangs.WaitAsync(Token);
            yield return new string('i', 99_999);
            yield return new string('!', 100_000);
        }
    }

    [Fact]
    public async Task Commit_is_cancelled_while_a_write_of_its_stream_hangs()
    {
        await using var store = new HangingStore();
        await using var turn = await Mine(store).BeginTurnAsync(new TurnRequest(Bot, "hello"), Token);
        await StreamAsync(turn, store, Token);
        using var cancellation = new CancellationTokenSource();

        var commit = turn.CommitAsync(cancellation.Token);
        await cancellation.CancelAsync();

        await commit.Awaiting(task => task.WaitAsync(Longest, Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    private static ScopedConversations Mine(HangingStore store) =>
        new ConversationManager(store, new ConversationOptions().AddAgent(Bot)).ForIdentity(ConversationIdentity.ForUser("alice"));

    // The stream ends when its first piece is being saved.
    private static async Task StreamAsync(ConversationTurn turn, HangingStore store, CancellationToken cancellationToken)
    {
        await foreach (var _ in turn.StreamAsync(PiecesAsync(), cancellationToken))
        {
        }

        async IAsyncEnumerable<string> PiecesAsync()
        {
            yield return "hi";
            await store.Hangs.WaitAsync(cancellationToken);
        }
    }

    private sealed class HangingStore() : DelegatingConversationStore(new InMemoryConversationStore())
    {
        private readonly TaskCompletionSource _hangs = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Hangs => _hangs.Task;

        public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
        {
            _hangs.TrySetResult();
            return await new TaskCompletionSource<bool>().Task.WaitAsync(cancellationToken);
        }
    }
}
