using System.Threading.Channels;

namespace Conversations.Tests.Turns;

public sealed class TurnStreamTests
{
    [Fact]
    public async Task Piece_is_added_before_its_reader_sees_it()
    {
        var reader = new TaskCompletionSource<ChannelReader<string>>();
        var seen = new List<bool>();
        var reading = new StreamReading<string>(text =>
        {
            seen.Add(reader.Task.Result.TryPeek(out _));
            return ConversationMessage.Assistant(text);
        });
        await using var stream = new TurnStream(new MessageSize(1_000, 10, 1_000), saver: null, firstPosition: 1, TimeProvider.System, TestContext.Current.CancellationToken);

        reader.SetResult(stream.Start(new[] { "Once upon" }.ToAsyncEnumerable(), reading));
        await stream.Completion;

        seen.Should().Equal(false);
        (await reader.Task).TryRead(out var update).Should().BeTrue();
        update.Should().Be("Once upon");
        stream.Close().Single().Text.Should().Be("Once upon");
    }
}
