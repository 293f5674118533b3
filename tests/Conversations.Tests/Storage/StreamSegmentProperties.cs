using Conversations.Storage;
using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Storage;

/// <summary>However a stream is cut into segments, what is put together of them is the same. The seed is fixed, so that a failure comes again.</summary>
public sealed class StreamSegmentProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(1_000).WithReplay(20261122, 5).WithQuietOnSuccess(true);

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Messages_and_offsets_are_the_same_however_a_stream_is_cut() => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var random = new Random(seed);
        var messages = Messages(random);
        var whole = Number([.. messages]);

        var cut = Number([.. messages.SelectMany(message => Cut(message, random))]);

        StreamSegment.Join(cut).Should().Equal(StreamSegment.Join(whole));
        (cut[^1].End, cut.Sum(segment => segment.Length)).Should().Be((whole[^1].End, whole[^1].End));
        foreach (var message in whole)
            cut.First(segment => segment.Fragment.Position == message.Fragment.Position).Offset.Should().Be(message.Offset);
        StreamSegment.Join(cut).Sum(StreamSegment.LengthOf).Should().Be(whole[^1].End, "joining leaves the length as it is");
    }).Check(Runs);

    [Fact]
    public void What_is_joined_joins_to_itself() => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var joined = StreamSegment.Join(Number(Messages(new Random(seed))));

        StreamSegment.Join(Number(joined)).Should().Equal(joined);
    }).Check(Runs);

    private static List<ConversationMessage> Messages(Random random) =>
        [.. Enumerable.Range(2, random.Next(1, 5)).Select(position => new ConversationMessage((MessageRole)random.Next(4), Parts(random)) { Position = position, CreatedAt = Now.AddSeconds(position) })];

    private static IEnumerable<ContentPart> Parts(Random random)
    {
        for (var left = random.Next(1, 6); left > 0; left--)
        {
            yield return random.Next(5) switch
            {
                0 => new ToolCallPart("call", "f", "{}"),
                1 => new RawPart("""{"type":"image"}"""),
                _ => new TextPart(string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(3) == 0 ? "👍" : "a"))),
            };
        }
    }

    /// <summary>Cuts a message into pieces: between its parts, and within texts between two characters.</summary>
    private static IEnumerable<ConversationMessage> Cut(ConversationMessage message, Random random)
    {
        var piece = new List<ContentPart>();
        foreach (var part in message.Parts)
        {
            var parts = part is TextPart { Text.Length: > 0 } text ? text.Text.EnumerateRunes().Select(ContentPart (rune) => new TextPart(rune.ToString())) : [part];
            foreach (var smallest in parts)
            {
                if (piece.Count > 0 && random.Next(3) == 0)
                {
                    yield return Piece(message, piece);
                    piece.Clear();
                }

                piece.Add(smallest);
            }
        }

        yield return Piece(message, piece);
    }

    private static ConversationMessage Piece(ConversationMessage of, IEnumerable<ContentPart> parts) => new(of.Role, parts) { Position = of.Position, CreatedAt = of.CreatedAt };

    private static List<StreamSegment> Number(IReadOnlyList<ConversationMessage> pieces)
    {
        var segments = new List<StreamSegment>();
        foreach (var piece in pieces)
            segments.Add(new StreamSegment(segments.Count + 1, segments is [.., var last] ? last.End : 0, piece));
        return segments;
    }
}
