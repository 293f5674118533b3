using Conversations;

namespace Streaming;

/// <summary>The process in which the reply is written. It prints its run id, so that others can follow, and nothing else.</summary>
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
