using Conversations.Storage;

namespace Conversations.Tests.Storage;

public sealed class StreamSegmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Length_counts_the_characters_of_text_and_one_for_any_other_part()
    {
        var message = new ConversationMessage(MessageRole.Assistant, new TextPart("ab"), new ToolCallPart("call", "long name", "{}"), new TextPart("👍"), new TextPart(""), new RawPart("""{"type":"image"}"""), new ErrorPart("error"));

        StreamSegment.LengthOf(message).Should().Be(2 + 1 + 2 + 0 + 1 + 1);
    }

    [Fact]
    public void End_is_where_the_next_one_begins()
    {
        var segment = new StreamSegment(3, 10, Piece(2, new TextPart("abc")));

        (segment.Length, segment.End).Should().Be((3, 13));
    }

    [Fact]
    public void Join_of_nothing_is_nothing() => StreamSegment.Join([]).Should().BeEmpty();

    [Fact]
    public void Join_puts_text_to_the_text_that_precedes_it()
    {
        var call = new ToolCallPart("call", "f", "{}");

        var joined = Join(Piece(2, new TextPart("a")), Piece(2, new TextPart("b"), call), Piece(2, new TextPart("c"), new TextPart("d")));

        joined.Should().ContainSingle().Which.Parts.Should().Equal(new TextPart("ab"), call, new TextPart("cd"));
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
        var first = new ConversationMessage(MessageRole.Tool, new TextPart("a")) { Position = 2, CreatedAt = Now.AddTicks(-1), RunNumber = 7, ConversationId = "conv_1", Tokens = new TokenAmount(1, "counter") };

        var joined = Join(first, Piece(2, new TextPart("b")));

        joined.Should().Equal(new ConversationMessage(MessageRole.Tool, new TextPart("ab")) { Position = 2, CreatedAt = Now.AddTicks(-1), IsPartial = true });
    }

    [Fact]
    public void Join_keeps_a_message_of_empty_text()
    {
        var joined = Join(Piece(2, new TextPart("")), Piece(2, new TextPart("")), Piece(3, new TextPart("")), Piece(3, new TextPart("a")), Piece(3, new TextPart("")));

        joined.Select(message => message.Parts).Should().AllSatisfy(parts => parts.Should().ContainSingle());
        joined.Select(message => message.Text).Should().Equal("", "a");
    }

    [Fact]
    public void Join_gives_a_piece_of_one_text_back_as_it_is()
    {
        var text = new TextPart(new string('m', 1_000_000));

        var joined = Join(Piece(2, text));

        joined[0].Parts[0].Should().BeSameAs(text);
    }

    private static IReadOnlyList<ConversationMessage> Join(params ConversationMessage[] pieces) =>
        StreamSegment.Join(pieces.Select((piece, index) => new StreamSegment(index + 1, 0, piece)));

    private static ConversationMessage Piece(long position, params ContentPart[] parts) => new(MessageRole.Assistant, parts) { Position = position, CreatedAt = Now };
}
