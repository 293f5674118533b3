using System.Threading.Channels;

namespace Conversations.Tests.Manager;

/// <summary>The base of the tests of streams.</summary>
public abstract class StreamTest<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    protected static string Word(int i) => $"w{i} ";

    protected static async IAsyncEnumerable<string> FailingAfter(string text)
    {
        yield return text;
        await Task.CompletedTask;
        throw new TimeoutException("The model is away.");
    }

    protected static async Task NextAsync(Channel<string> source, IAsyncEnumerator<string> pieces, string piece)
    {
        source.Writer.TryWrite(piece);
        (await pieces.MoveNextAsync()).Should().BeTrue();

        // The piece is passed on before it is put aside to be saved; the one after it, when that was done.
        source.Writer.TryWrite("");
        (await pieces.MoveNextAsync()).Should().BeTrue();
    }

    protected async IAsyncEnumerable<string> Ticking(int count, TimeSpan pause)
    {
        for (var i = 0; i < count; i++)
        {
            Time.Advance(pause);
            yield return Word(i);
        }

        await Task.CompletedTask;
    }

    private protected ScopedConversations Over(StreamWatch watch) => new ConversationManager(watch, Options(), Time, Log).ForIdentity(ConversationIdentity.ForUser("alice"));

    protected async Task<List<(string Text, bool IsPartial)>> PartialsAsync(string? conversationId) =>
        [.. await Alice.GetMessagesAsync(conversationId!, cancellationToken: Cancellation).Select(message => (message.Text, message.IsPartial)).ToListAsync(Cancellation)];
}
