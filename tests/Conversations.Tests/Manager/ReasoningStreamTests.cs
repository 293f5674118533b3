using System.Threading.Channels;

namespace Conversations.Tests.Manager;

public sealed class ReasoningStreamTestsInMemory : ReasoningStreamTests<InMemory>;

public sealed class ReasoningStreamTestsOnSqlite : ReasoningStreamTests<Sqlite>;

/// <summary>Streams of a model that thinks before it speaks.</summary>
public abstract class ReasoningStreamTests<TStore> : StreamTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string About = """{"id":"resp_1"}""";

    private static readonly ContentPart[] Pieces =
    [
        new ReasoningPart("Let me "),
        new ReasoningPart("think 👍."),
        new ReasoningPart("") { ProtectedData = "signature" },
        new ReasoningPart("") { ProtectedData = "encrypted" },
        new TextPart("Yes"),
        new TextPart(", "),
        new TextPart("here") { Metadata = """{"url":"x"}""" },
        new TextPart("."),
        new TextPart("") { Metadata = """{"url":"y"}""" },
    ];

    private static readonly ContentPart[] Whole =
    [
        new ReasoningPart("Let me think 👍.") { ProtectedData = "signature" },
        new ReasoningPart("") { ProtectedData = "encrypted" },
        new TextPart("Yes, "),
        new TextPart("here") { Metadata = """{"url":"x"}""" },
        new TextPart("."),
        new TextPart("") { Metadata = """{"url":"y"}""" },
    ];

    private static long Length => Whole.Sum(part => part.Length);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pieces_of_reasoning_become_one_part_that_its_signature_closes(bool isSavedPieceByPiece)
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stream = new Feed(turn, Time);
        foreach (var piece in Pieces)
            await stream.NextAsync(piece, isSavedPieceByPiece);
        await stream.EndAsync();

        var result = await turn.CommitAsync(Cancellation);

        var message = result.Messages.Should().ContainSingle().Subject;
        message.Parts.Should().Equal(Whole);
        message.Metadata.Should().Be(About);
        result.ReplyText.Should().Be("Yes, here.");
        (await MessagesAsync(turn))[^1].Should().Be(message);
        (await FollowAsync(turn, 0)).Parts.Should().Equal(Whole);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Follower_from_any_offset_gets_the_rest(bool isOver)
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stream = new Feed(turn, Time);
        foreach (var piece in Pieces)
            await stream.NextAsync(piece, isSaved: true);
        if (isOver)
        {
            await stream.EndAsync();
            await turn.CommitAsync(Cancellation);
        }

        for (var from = 0; from <= Length; from++)
        {
            var (parts, end) = await FollowAsync(turn, from);

            end.Should().Be(Length);
            parts.Should().Equal(StreamUpdate.From(new ConversationMessage(MessageRole.Assistant, Whole).StoredAt("conv_1", 2), 0, from)?.Fragment!.Parts ?? []);
        }
    }

    [Fact]
    public async Task Interrupted_run_leaves_its_reasoning_and_the_metadata_of_the_message()
    {
        var watch = new StreamWatch(Store) { RefusesRenewals = true };
        var turn = await Over(watch).BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stream = new Feed(turn, Time);
        foreach (var piece in Pieces[..2])
            await stream.NextAsync(piece, isSaved: true);
        Time.Advance(TimeSpan.FromMinutes(1));

        var next = await AskAsync("again");

        var left = (await MessagesAsync(turn))[1];
        left.Parts.Should().Equal(new ReasoningPart("Let me think 👍."));
        (left.Metadata, left.IsPartial, left.RunId).Should().Be((About, true, turn.RunId));
        next.ReplyText.Should().Be("hi");
    }

    [Fact]
    public async Task Metadata_of_the_last_piece_is_that_of_the_message()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        ConversationMessage[] pieces =
        [
            ConversationMessage.Assistant("a"),
            ConversationMessage.Assistant("b") with { Metadata = """{"n":1}""" },
            ConversationMessage.Assistant("c") with { Metadata = """{"n":2}""" },
            ConversationMessage.ToolCall("1", "f", "{}"),
            ConversationMessage.ToolResult("1", "r"),
        ];
        await foreach (var _ in turn.StreamAsync(pieces.ToAsyncEnumerable(), piece => piece, cancellationToken: Cancellation))
        {
        }

        await turn.CommitAsync(Cancellation);

        (await MessagesAsync(turn)).Skip(1).Select(message => (message.Text, message.Metadata)).Should().Equal(("abc", """{"n":2}"""), ("", null));
    }

    private async Task<List<StoredMessage>> MessagesAsync(ConversationTurn turn) =>
        await Alice.GetMessagesAsync(turn.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);

    /// <summary>The content that a follower has read, and its offset then.</summary>
    private async Task<(IReadOnlyList<ContentPart> Parts, long End)> FollowAsync(ConversationTurn turn, long from)
    {
        var parts = new List<ContentPart>();
        await using var follower = Alice.FollowAsync(turn.RunId!, from, Cancellation).GetAsyncEnumerator(Cancellation);
        while (from < Length && await follower.MoveNextAsync())
        {
            parts.AddRange(follower.Current.Fragment?.Parts ?? []);
            from = follower.Current.NextOffset;
        }

        return (StreamPiece.JoinParts(parts), from);
    }

    /// <summary>A stream that a test feeds.</summary>
    private sealed class Feed
    {
        private readonly Channel<ContentPart?> _source = Channel.CreateUnbounded<ContentPart?>();
        private readonly IAsyncEnumerator<ContentPart?> _pieces;
        private readonly StoreSpecification.ManualTimeProvider _time;

        public Feed(ConversationTurn turn, StoreSpecification.ManualTimeProvider time)
        {
            _time = time;
            _pieces = turn.StreamAsync(_source.Reader.ReadAllAsync(Cancellation), Fragment, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        }

        public async Task NextAsync(ContentPart piece, bool isSaved)
        {
            // A piece is passed on before it is put aside to be saved; the one after it, when that was done.
            foreach (var next in (ContentPart?[])[piece, null])
            {
                _source.Writer.TryWrite(next);
                (await _pieces.MoveNextAsync()).Should().BeTrue();
            }

            if (isSaved)
                _time.Advance(TimeSpan.FromSeconds(1));
        }

        public async Task EndAsync()
        {
            _source.Writer.TryComplete();
            (await _pieces.MoveNextAsync()).Should().BeFalse();
        }

        private static ConversationMessage? Fragment(ContentPart? part) =>
            part is null ? null : new ConversationMessage(MessageRole.Assistant, part) { Metadata = part is ReasoningPart { Text: "Let me " } ? About : null };
    }
}
