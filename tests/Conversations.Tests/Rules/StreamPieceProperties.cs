using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Rules;

/// <summary>The messages of a stream do not depend on how it is cut into segments. The seed is fixed, so that a failure can be repeated.</summary>
public sealed class StreamPieceProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(1_000).WithReplay(20261122, 5).WithQuietOnSuccess(true);

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Messages_and_offsets_do_not_depend_on_where_a_stream_is_cut() => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var random = new Random(seed);
        var messages = Messages(random);
        var whole = Number([.. messages]);

        var cut = Number([.. messages.SelectMany(message => Cut(message, random))]);

        Join(cut).Should().Equal(Join(whole));
        (cut[^1].End, cut.Sum(segment => StreamPiece.LengthOf(segment.Fragment))).Should().Be((whole[^1].End, whole[^1].End));
        foreach (var message in whole)
            cut.First(segment => segment.Fragment.Position == message.Fragment.Position).Offset.Should().Be(message.Offset);
        Join(cut).Sum(StreamPiece.LengthOf).Should().Be(whole[^1].End, "joining leaves the length as it is");
    }).Check(Runs);

    [Fact]
    public void Join_of_joined_pieces_changes_nothing() => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var joined = Join(Number(Messages(new Random(seed))));

        Join(Number(joined)).Should().Equal(joined);
    }).Check(Runs);

    [Fact]
    public void Join_returns_same_messages_when_some_pieces_were_joined_before() => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var random = new Random(seed);
        var pieces = Messages(random).SelectMany(message => Cut(message, random)).ToList();

        // As they are saved: the pieces of a message until then are one segment.
        var saved = new List<StoredMessage>();
        for (var i = 0; i < pieces.Count;)
        {
            var next = pieces.GetRange(i, random.Next(1, pieces.Count - i + 1));
            saved.AddRange(Join(Number(next)).Select(piece => piece with { IsPartial = false }));
            i += next.Count;
        }

        Join(Number(saved)).Should().Equal(Join(Number(pieces)));
    }).Check(Runs);

    [Fact]
    public void Follower_that_returns_after_the_end_reads_the_same_content() => Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var random = new Random(seed);
        var messages = Messages(random);
        var whole = Number([.. Join(Number(messages))]);
        var cut = Number([.. messages.SelectMany(message => Cut(message, random))]);
        var seen = cut[..random.Next(cut.Count + 1)];
        var from = seen is [.., var last] ? last.End : 0;

        var rest = whole.Where(segment => segment.End > from).Select(segment => StreamUpdate.From(segment.Fragment, segment.Offset, from)!).ToList();

        rest.Sum(update => StreamPiece.LengthOf(update.Fragment!)).Should().Be(whole[^1].End - from);
        foreach (var position in messages.Select(message => message.Position))
            ContentAt(seen.Select(segment => segment.Fragment).Concat(rest.Select(update => update.Fragment!)), position).Should().Equal(ContentAt(messages, position));
    }).Check(Runs);

    /// <summary>The content at a position, without empty parts.</summary>
    private static IReadOnlyList<ContentPart> ContentAt(IEnumerable<StoredMessage> messages, long position) =>
        StreamPiece.JoinParts(messages.Where(message => message.Position == position).SelectMany(message => message.Parts).Where(part => part.Length > 0));

    private static List<StoredMessage> Messages(Random random) =>
        [.. Enumerable.Range(2, random.Next(1, 5)).Select(position => new StoredMessage((MessageRole)random.Next(4), Parts(random)) { ConversationId = "conv_1", Position = position, CreatedAt = Now.AddSeconds(position), Metadata = MetadataOf(random) })];

    private static IEnumerable<ContentPart> Parts(Random random)
    {
        for (var left = random.Next(1, 6); left > 0; left--)
        {
            yield return random.Next(10) switch
            {
                9 => new DataPart("image/png", new byte[random.Next(4)], "a.png") { Metadata = MetadataOf(random) },
                8 => new ApprovalRequestPart("r", """{"tool":"pay"}""") { Metadata = MetadataOf(random) },
                0 => new ToolCallPart("call", "f", "{}") { Metadata = MetadataOf(random) },
                1 => new RawPart("""{"type":"image"}"""),
                2 => new TextPart(Text(random)) { Metadata = MetadataOf(random) },
                < 6 => new ReasoningPart(Text(random)) { ProtectedData = random.Next(3) == 0 ? $"signature {left}" : null, Metadata = MetadataOf(random) },
                _ => new TextPart(Text(random)),
            };
        }
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(3) == 0 ? "👍" : "a"));

    private static string? MetadataOf(Random random) => random.Next(4) == 0 ? $$"""{"n":{{random.Next(3)}}}""" : null;

    /// <summary>Cuts a message into pieces: between its parts, and within texts between two characters.</summary>
    private static IEnumerable<StoredMessage> Cut(StoredMessage message, Random random)
    {
        var piece = new List<ContentPart>();
        var hasMetadata = random.Next(2) == 0;
        foreach (var part in message.Parts)
        {
            foreach (var smallest in Smallest(part, random))
            {
                if (piece.Count > 0 && random.Next(3) == 0)
                {
                    yield return Piece(message, piece) with { Metadata = hasMetadata ? message.Metadata : null };
                    hasMetadata |= random.Next(3) == 0;
                    piece.Clear();
                }

                piece.Add(smallest);
            }
        }

        // The last piece has the metadata if no other has.
        yield return Piece(message, piece) with { Metadata = message.Metadata };
    }

    private static IEnumerable<ContentPart> Smallest(ContentPart part, Random random)
    {
        if (part is TextPart { Text.Length: > 0, Metadata: null } text)
            return text.Text.EnumerateRunes().Select(rune => new TextPart(rune.ToString()));
        if (part is not ReasoningPart reasoning)
            return [part];

        // The close comes with the last character or after it.
        var runes = reasoning.Text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
        if (runes.Count == 0 || (reasoning.Length > reasoning.Text.Length && random.Next(2) == 0))
            runes.Add("");
        return runes.Select((rune, i) => new ReasoningPart(rune)
        {
            ProtectedData = i == runes.Count - 1 ? reasoning.ProtectedData : null,
            Metadata = i == runes.Count - 1 ? reasoning.Metadata : null,
        });
    }

    private static StoredMessage Piece(StoredMessage of, IEnumerable<ContentPart> parts) => new(of.Role, parts) { ConversationId = "conv_1", Position = of.Position, CreatedAt = of.CreatedAt };

    private static IReadOnlyList<StoredMessage> Join(IEnumerable<StreamPiece> pieces) => StreamPiece.Join(pieces.Select(piece => piece.Fragment));

    private static List<StreamPiece> Number(IReadOnlyList<StoredMessage> pieces)
    {
        var segments = new List<StreamPiece>();
        foreach (var piece in pieces)
            segments.Add(new StreamPiece(segments is [.., var last] ? last.End : 0, piece));
        return segments;
    }
}
