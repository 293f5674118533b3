using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Whatever a message holds, it comes back, and what came back is written as it was. The seed is fixed, so that a failure comes again.</summary>
public sealed class ContentProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(20261123, 5).WithQuietOnSuccess(true);

    [Fact]
    public void Messages_of_any_contents_come_back_from_a_file()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), async seed => ShouldComeBack(seed, await RoundTrip.ThroughFileAsync(Messages(seed)))).Check(Runs);
    }

    [Fact]
    public void Messages_of_any_contents_come_back_from_memory()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), async seed => ShouldComeBack(seed, await RoundTrip.ThroughMemoryAsync(Messages(seed)))).Check(Runs);
    }

    private static List<ChatMessage> Messages(int seed)
    {
        var generated = new GeneratedMessage(new Random(seed));
        return [.. Enumerable.Range(0, 30).Select(_ => generated.Make())];
    }

    private static void ShouldComeBack(int seed, IReadOnlyList<ChatMessage> read)
    {
        var sent = Messages(seed);
        foreach (var message in read)
        {
            // These are the conversation's.
            message.MessageId = null;
            message.CreatedAt = null;
        }

        read.Should().HaveSameCount(sent);
        sent.Zip(read).SelectMany(pair => Differences.Between(pair.First, pair.Second)).Should().BeEmpty();
        foreach (var message in read)
            message.RawRepresentation = null;
        sent.Zip(read).Where(pair => !pair.First.ToConversationMessage().Parts.SequenceEqual(pair.Second.ToConversationMessage().Parts)).Should().BeEmpty("what came back is written as it was");
    }
}
