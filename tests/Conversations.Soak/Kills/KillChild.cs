using System.Globalization;
using System.Text.Json;
using Conversations.Soak.Checking;
using Conversations.Storage;

namespace Conversations.Soak.Kills;

/// <summary>What a child process does until it is killed. It prints each request and each acknowledgement, and flushes each line before it continues.</summary>
internal static class KillChild
{
    /// <summary>How many requests each of the two users has.</summary>
    public const int Requests = 6;

    /// <summary>How many messages each conversation has that is created to be deleted: more than one write inserts or deletes.</summary>
    public const int TemporaryMessages = 1_200;

    private const int AgainEach = 2;

    /// <summary>Two users at once send one request after another until the point is reached. A child that lies reports an answer before it is committed.</summary>
    public static async Task<int> TurnsAsync(string file, KillPoint point, int time, long microseconds, int first, bool lies)
    {
        var store = await KillingStore.OpenAsync(file, point, time, microseconds);
        await using (store)
        {
            var manager = new ConversationManager(store, CountingSummarizer.Options(() => store.Reach(KillPoint.MidSummary)));
            await Task.WhenAll(KillRuns.Users.Select(user => Task.Run(() => UserAsync(user))));
            await manager.WaitForSummariesAsync();
            return 0;

            async Task UserAsync(string user)
            {
                for (var request = first; request < first + Requests; request++)
                {
                    Say("asking", user, request);
                    var result = await manager.As(user).RunTurnAsync(Agents.Request(Agents.Own, user, request), AnswerAsync);
                    Say("answered", user, request, result.RunId!);
                    await DeleteAnotherAsync(manager, user);
                    if (request % AgainEach == 0)
                    {
                        Say("again", user, request);
                        result = await manager.As(user).RegenerateAsync(result.ReplyMessageId!, AnswerAsync);
                        Say("answered", user, request, result.RunId!);
                    }
                }
            }
        }

        async Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
        {
            if (lies)
                Say("answered", Mark.Of(turn.Input[0])!.User, Mark.Of(turn.Input[0])!.Request, turn.RunId!);
            var next = 1;
            if (point is KillPoint.MidStream or KillPoint.WithinStream)
            {
                await foreach (var _ in turn.StreamAsync(StreamedAnswer.PiecesOf(Mark.Of(turn.Input[0])! with { Piece = next++ }), cancellationToken))
                {
                    // There is no reader.
                }
            }

            for (var piece = next; piece <= Mark.Of(turn.Input[0])!.Pieces; piece++)
            {
                turn.Add(Agents.Piece(turn, piece));
                store.Reach(KillPoint.MidTurn);
            }
        }
    }

    /// <summary>Prints how much of the stream of a run is saved.</summary>
    public static void SaySaved(SegmentBatch batch)
    {
        using var last = JsonDocument.Parse(batch.Segments[^1].Content);
        var end = batch.Segments[^1].Offset + last.RootElement.GetProperty("content").GetString()!.Length;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"saved {batch.ConversationId} {batch.RunNumber} {end}"));
    }

    private static async Task DeleteAnotherAsync(ConversationManager manager, string user)
    {
        var messages = Enumerable.Range(1, TemporaryMessages).Select(position => ConversationMessage.User(position.ToString(CultureInfo.InvariantCulture)));
        var imported = await manager.ImportAsync(new ConversationImport(Agents.Temporary, messages) { Identity = ConversationIdentity.ForUser(user) });
        Console.WriteLine($"imported {imported.Id}");
        await manager.DeleteAsync(imported.Id);
        Console.WriteLine($"deleted {imported.Id}");
    }

    private static void Say(string what, string user, int request, string runId = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {user} {request} {runId}").TrimEnd());
}
