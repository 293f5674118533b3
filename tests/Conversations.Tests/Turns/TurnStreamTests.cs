using System.Threading.Channels;

namespace Conversations.Tests.Turns;

public sealed class TurnStreamTests
{
    [Fact]
    public async Task Piece_is_added_before_its_reader_sees_it()
    {
        ChannelReader<string>? reader = null;
        using var isKnown = new ManualResetEventSlim();
        var seen = new List<bool>();
        var reading = new StreamReading<string>(text =>
        {
            isKnown.Wait(TestContext.Current.CancellationToken);
            seen.Add(reader!.TryPeek(out _));
            return ConversationMessage.Assistant(text);
        });
        await using var stream = new TurnStream(new MessageSize(1_000, 10, 1_000), saver: null, firstPosition: 1, TimeProvider.System, TestContext.Current.CancellationToken);

        reader = stream.Start(new[] { "Once upon" }.ToAsyncEnumerable(), reading);
        isKnown.Set();
        await stream.Completion;

        seen.Should().Equal(false);
        reader.TryRead(out var update).Should().BeTrue();
        update.Should().Be("Once upon");
        stream.Close().Single().Text.Should().Be("Once upon");
    }
}
