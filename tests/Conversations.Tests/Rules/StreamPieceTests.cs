using Conversations.Storage;

namespace Conversations.Tests.Rules;

public sealed class StreamPieceTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Length_counts_the_characters_of_text_and_one_for_any_other_part()
    {
        var message = new ConversationMessage(MessageRole.Assistant, new TextPart("ab"), new ToolCallPart("call", "long name", "{}"), new TextPart("👍"), new TextPart(""), new RawPart("""{"type":"image"}"""), new ErrorPart("error"));

        StreamPiece.LengthOf(message).Should().Be(2 + 1 + 2 + 0 + 1 + 1);
    }

    [Fact]
    public void Length_counts_the_characters_of_reasoning_and_text_and_one_for_their_close()
    {
        LengthOf(new ReasoningPart("abc")).Should().Be(3);
        LengthOf(new ReasoningPart("abc") { ProtectedData = "signature" }).Should().Be(4);
        LengthOf(new ReasoningPart("") { ProtectedData = "encrypted", Metadata = "{}" }).Should().Be(1);
        LengthOf(new TextPart("abc") { Metadata = "{}" }).Should().Be(4);
        LengthOf(new TextPart("") { Metadata = "{}" }).Should().Be(1);
    }

    [Fact]
    public void Join_appends_reasoning_to_reasoning_until_its_close()
    {
        var joined = Join(
            Piece(2, new ReasoningPart("a"), new ReasoningPart("b")),
            Piece(2, new ReasoningPart("c") { ProtectedData = "one" }),
            Piece(2, new ReasoningPart("d")),
            Piece(2, new ReasoningPart("") { Metadata = "{}" }),
            Piece(2, new ReasoningPart("") { ProtectedData = "encrypted" }),
            Piece(2, new TextPart("e"), new ReasoningPart("f"), new TextPart("g")));

        joined.Should().ContainSingle().Which.Parts.Should().Equal(
            new ReasoningPart("abc") { ProtectedData = "one" },
            new ReasoningPart("d") { Metadata = "{}" },
            new ReasoningPart("") { ProtectedData = "encrypted" },
            new TextPart("e"),
            new ReasoningPart("f"),
            new TextPart("g"));
    }

    [Fact]
    public void Join_keeps_text_with_metadata_unchanged()
    {
        var cited = new TextPart("b") { Metadata = """{"url":"x"}""" };

        var joined = Join(Piece(2, new TextPart("a")), Piece(2, cited), Piece(2, cited), Piece(2, new TextPart("c")));

        joined[0].Parts.Should().Equal(new TextPart("a"), cited, cited, new TextPart("c"));
    }

    [Fact]
    public void Join_takes_the_last_metadata_of_a_message()
    {
        var joined = Join(Piece(2, new TextPart("a")), Piece(2, new TextPart("b")) with { Metadata = """{"n":1}""" }, Piece(2, new TextPart("c")) with { Metadata = """{"n":2}""" }, Piece(3, new TextPart("d")));

        joined.Select(message => message.Metadata).Should().Equal("""{"n":2}""", null);
    }

    [Fact]
    public void End_is_where_the_next_one_begins()
    {
        var segment = new StreamPiece(10, Piece(2, new TextPart("abc")));

        segment.End.Should().Be(13);
    }

    [Fact]
    public void Join_of_no_pieces_returns_no_messages() => StreamPiece.Join([]).Should().BeEmpty();

    [Fact]
    public void Join_appends_text_to_preceding_text()
    {
        var call = new ToolCallPart("call", "f", "{}");

        var joined = Join(Piece(2, new TextPart("a")), Piece(2, new TextPart("b"), call), Piece(2, new TextPart("c"), new TextPart("d")));

        joined.Should().ContainSingle().Which.Parts.Should().Equal(new TextPart("ab"), call, new TextPart("cd"));
    }

    [Fact]
    public void Join_omits_a_damaged_piece_when_there_are_others()
    {
        var damaged = new StoredMessage(MessageRole.Assistant, MessageContent.Damaged) { ConversationId = "conv_1", Position = 0, RunNumber = 1, CreatedAt = DateTimeOffset.MinValue };

        var joined = Join(
            damaged with { Position = 2 }, Piece(2, new TextPart("a")), damaged with { Position = 2 }, Piece(2, new TextPart("b")),
            damaged with { Position = 3 }, damaged with { Position = 3 });

        joined[0].Should().Be(Piece(2, new TextPart("ab")) with { IsPartial = true });
        joined[1].Parts.Should().Equal(MessageContent.Damaged);
    }

    [Fact]
    public void Join_keeps_an_error_that_the_agent_added()
    {
        var joined = Join(Piece(2, new TextPart("a"), new ErrorPart("no")), Piece(3, new ErrorPart("no") { Code = "timeout" }));

        joined.SelectMany(message => message.Parts).Should().Equal(new TextPart("a"), new ErrorPart("no"), new ErrorPart("no") { Code = "timeout" });
    }

    [Fact]
    public void Join_keeps_messages_apart()
    {
        var joined = Join(Piece(2, new TextPart("a")), Piece(3, new TextPart("b")), Piece(3, new TextPart("c")), Piece(5, new TextPart("d")));

        joined.Select(message => (message.Position, message.Text)).Should().Equal((2, "a"), (3, "bc"), (5, "d"));
    }

    [Fact]
    public void Join_takes_role_and_time_of_the_first_piece_and_marks_the_message_partial()
    {
        var first = new StoredMessage(MessageRole.Tool, new TextPart("a")) { Position = 2, CreatedAt = Now.AddTicks(-1), RunNumber = 7, ConversationId = "conv_1", Tokens = new TokenAmount(1, "counter") };

        var joined = Join(first, Piece(2, new TextPart("b")));

        joined.Should().Equal(new StoredMessage(MessageRole.Tool, new TextPart("ab")) { Position = 2, CreatedAt = Now.AddTicks(-1), RunNumber = 7, ConversationId = "conv_1", IsPartial = true });
    }

    [Fact]
    public void Join_keeps_a_message_of_empty_text()
    {
        var joined = Join(Piece(2, new TextPart("")), Piece(2, new TextPart("")), Piece(3, new TextPart("")), Piece(3, new TextPart("a")), Piece(3, new TextPart("")));

        joined.Select(message => message.Parts).Should().AllSatisfy(parts => parts.Should().ContainSingle());
        joined.Select(message => message.Text).Should().Equal("", "a");
    }

    [Fact]
    public void Join_returns_a_single_text_piece_unchanged()
    {
        var text = new TextPart(new string('m', 1_000_000));

        var joined = Join(Piece(2, text));

        joined[0].Parts[0].Should().BeSameAs(text);
    }

    [Fact]
    public void Read_returns_what_ToSegment_wrote()
    {
        var piece = new StreamPiece(7, new StoredMessage(MessageRole.Tool, new TextPart("a \0 👍"), new ToolResultPart("call", "b") { IsError = true }) { ConversationId = "conv_1", Position = 3, RunNumber = 1, CreatedAt = Now, Metadata = """{"n":1.0}""" });

        var segment = piece.ToSegment(2);

        (segment.Number, segment.Offset).Should().Be((2, 7));
        Rules.Piece.Read([segment]).Should().Equal(piece);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"position":1,"role":9,"time":0,"format":0,"content":"a"}""")]
    [InlineData("""{"position":1,"role":2,"time":-1,"format":0,"content":"a"}""")]
    public void Read_returns_an_error_in_the_message_before_when_a_segment_is_damaged(string content)
    {
        var read = Rules.Piece.Read([new StreamPiece(0, Piece(4, new TextPart("a"))).ToSegment(1), new StreamSegment(2, 1, content)]);

        read[1].Fragment.Position.Should().Be(4);
        read[1].Fragment.Parts.Should().Equal(MessageContent.Damaged);
    }

    private static IReadOnlyList<StoredMessage> Join(params StoredMessage[] pieces) =>
        StreamPiece.Join(pieces);

    private static long LengthOf(ContentPart part) => StreamPiece.LengthOf(Piece(2, part));

    private static StoredMessage Piece(long position, params ContentPart[] parts) => Rules.Piece.Fragment(Now, position, parts);
}
