using Conversations;

namespace Replay;

/// <summary>Replays conversations through the manager. A second replay changes nothing; a replay after a kill continues where it stopped.</summary>
internal sealed class Replayer(ConversationManager conversations)
{
    private const string Agent = "replay";

    /// <summary>The options of a manager that replays.</summary>
    public static ConversationOptions Options => new ConversationOptions().AddAgent(Agent, agent =>
    {
        // A replay that was killed leaves a turn open. The next one waits until its short lease runs out, and takes it over.
        agent.LeaseDuration = TimeSpan.FromSeconds(2);
        agent.OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(1));
    });

    /// <summary>Replays one conversation of a file.</summary>
    /// <returns>How many turns it has.</returns>
    public async Task<int> ReplayAsync(string fileName, RecordedConversation recorded, CancellationToken cancellationToken)
    {
        var thread = ThreadOf(fileName, recorded);
        var opening = recorded.Opening.Select(message => message.ToMessage()).ToList();
        if (opening.Count > 0 && await conversations.GetCurrentAsync(Agent, thread, cancellationToken: cancellationToken) is null)
            await conversations.ImportAsync(new ConversationImport(Agent, opening) { Thread = thread }, cancellationToken);

        var turns = 0;
        foreach (var turn in recorded.Turns)
        {
            var request = new TurnRequest(Agent, turn.User.ToMessage()) { Thread = thread, IdempotencyKey = $"turn-{++turns}" };
            await conversations.RunTurnAsync(request, (open, _) => Answer(open, turn), cancellationToken);
        }

        return turns;
    }

    /// <summary>Reads back what is stored of a conversation, page by page.</summary>
    public async Task<List<StoredMessage>> ReadBackAsync(string fileName, RecordedConversation recorded, CancellationToken cancellationToken)
    {
        var stored = new List<StoredMessage>();
        if (await conversations.GetCurrentAsync(Agent, ThreadOf(fileName, recorded), cancellationToken: cancellationToken) is not { } conversation)
            return stored;

        string? cursor = null;
        do
        {
            var page = await conversations.GetMessagePageAsync(conversation.Id, cursor: cursor, cancellationToken: cancellationToken);
            stored.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        return stored;
    }

    private static Task Answer(ConversationTurn open, RecordedTurn turn)
    {
        foreach (var reply in turn.Replies)
            open.Add(reply.ToMessage());
        return Task.CompletedTask;
    }

    private static string ThreadOf(string fileName, RecordedConversation recorded) => $"{fileName}/{recorded.Id}";
}
