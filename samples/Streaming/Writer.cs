using Conversations;

namespace Streaming;

/// <summary>The process in which the reply is written. It tells its run, so that others can follow, and shows nothing.</summary>
internal static class Writer
{
    public static async Task RunAsync(ScopedConversations mine) =>
        await mine.RunTurnAsync(
            "poet",
            "A poem about a harbour, please.",
            static async (turn, cancellationToken) =>
            {
                Console.WriteLine(turn.RunId);
                await foreach (var _ in turn.StreamAsync(Poet.WriteAsync(cancellationToken), cancellationToken))
                {
                    // A web server would send it to the browser that asked.
                }
            });
}
