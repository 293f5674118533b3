using Conversations.Soak.Checking;

namespace Conversations.Soak.Schedules;

/// <summary>Compares all that can be read with the model.</summary>
internal sealed class Comparison(Model model, ConversationManager manager)
{
    private readonly List<Finding> _findings = [];

    /// <summary>Returns all differences.</summary>
    public async Task<List<Finding>> AllAsync(IEnumerable<string> users)
    {
        await ListAsync("the host", manager, model.Conversations);
        foreach (var user in users)
            await ListAsync(user, manager.As(user), model.Conversations.Where(conversation => conversation.Scope.IsReachedBy(user)));
        foreach (var scope in model.Scopes)
        {
            var current = await manager.As(scope.User ?? users.First()).GetCurrentAsync(scope.Agent);
            Same(FindingKind.Wrong, $"the current conversation of {scope.Agent} {scope.User}", scope.Active?.Id, current?.Id);
        }

        foreach (var conversation in model.Conversations)
            await OneAsync(conversation);
        return _findings;
    }

    /// <summary>Returns the differences in one conversation.</summary>
    public async Task<List<Finding>> OneAsync(ModelConversation expected)
    {
        if (await manager.GetAsync(expected.Id) is not { } data)
        {
            Add(FindingKind.Lost, $"{expected.Id} is not there");
            return _findings;
        }

        var stored = await ReadConversation.ReadAsync(manager, data);
        Same(FindingKind.Torn, $"what {expected.Id} says of itself", Shown(expected), Shown(data));
        Messages(expected, stored.Messages);
        Runs(expected, stored.Runs);
        return _findings;
    }

    private static string Shown(ModelConversation c) =>
        $"{c.Status} {c.Runs.LastOrDefault()?.Outcome} {c.Title} {c.Metadata} {c.Messages.Count(message => message is not null)} {c.Messages.Count} {c.CreatedAt:O} {c.LastActivityAt:O} {c.LastMessageAt:O} {c.EndedAt:O} {c.ForkedFrom}";

    private static string Shown(Conversation c) =>
        $"{c.Status} {c.LastRunStatus} {c.Title} {c.Metadata} {c.MessageCount} {c.LastPosition} {c.CreatedAt:O} {c.LastActivityAt:O} {c.LastMessageAt:O} {c.EndedAt:O} {c.ForkedFrom}";

    private static string Shown(ModelRun r) =>
        $"{(r.SupersededBy is null ? r.Outcome : RunStatus.Superseded)} {r.Outcome} {r.SupersededBy?.Number} {r.Caller} {r.Key} {r.IsOnExistingInput} {r.Replaced} {r.InputPosition} {r.InputCount} {r.OutputPosition} {r.OutputCount} {r.StartedAt:O} {r.EndedAt:O}";

    private static string Shown(ConversationRun r) =>
        $"{r.Status} {r.Outcome} {r.SupersededBy} {r.Caller} {r.IdempotencyKey} {r.IsOnExistingInput} {r.ReplacedPosition} {r.InputPosition} {r.InputCount} {r.OutputPosition} {r.OutputCount} {r.StartedAt:O} {r.EndedAt:O}";

    private static string Shown(ModelMessage m) => $"{m.Role} {m.Run?.Number} {m.IsPartial} {m.SupersededBy?.Number} {m.CreatedAt:O} {m.Author}: {m.Content}";

    private static string Shown(StoredMessage m) => $"{m.Role} {m.RunNumber} {m.IsPartial} {m.SupersededBy} {m.CreatedAt:O} {m.AuthorName}: {ModelMessage.ContentOf(m)}";

    private async Task ListAsync(string who, ConversationView view, IEnumerable<ModelConversation> reached)
    {
        var expected = reached
            .OrderByDescending(conversation => conversation.LastActivityAt)
            .ThenByDescending(conversation => conversation.Id, StringComparer.Ordinal)
            .Select(conversation => conversation.Id)
            .ToList();
        var actual = await view.ListAsync().Select(conversation => conversation.Id).ToListAsync();
        foreach (var foreign in actual.Except(expected))
            Add(FindingKind.Foreign, $"{who} is shown {foreign}");
        foreach (var lost in expected.Except(actual))
            Add(FindingKind.Lost, $"{who} is not shown {lost}");
        if (actual.Distinct().Count() < actual.Count)
            Add(FindingKind.Doubled, $"{who} is shown a conversation twice");
        else if (actual.Count == expected.Count && actual.Intersect(expected).Count() == actual.Count)
            Same(FindingKind.Wrong, $"the order in which {who} is shown conversations", string.Join(' ', expected), string.Join(' ', actual));
    }

    private void Messages(ModelConversation expected, IReadOnlyList<StoredMessage> actual)
    {
        if (actual.Select(message => message.Position).Distinct().Count() < actual.Count)
            Add(FindingKind.Doubled, $"a position of {expected.Id} was assigned twice");
        foreach (var message in actual)
        {
            if (expected.At(message.Position) is { } same)
                Same(FindingKind.Torn, message.Id!, Shown(same), Shown(message));
            else if (expected.Messages.Any(other => other?.Content == ModelMessage.ContentOf(message)))
                Add(FindingKind.Doubled, $"{message.Id} is at another position, too");
            else
                Add(FindingKind.Foreign, $"{message.Id} should not be there");
        }

        for (var position = 1; position <= expected.Messages.Count; position++)
        {
            if (expected.At(position) is not null && !actual.Any(message => message.Position == position))
                Add(FindingKind.Lost, $"there is nothing at {position} of {expected.Id}");
        }
    }

    private void Runs(ModelConversation expected, IReadOnlyList<ConversationRun> actual)
    {
        Same(
            FindingKind.Wrong,
            $"the runs of {expected.Id}",
            string.Join(' ', expected.Runs.Select(run => run.Number).OrderDescending()),
            string.Join(' ', actual.Select(run => run.Number)));
        foreach (var run in actual)
        {
            if (expected.Runs.Find(same => same.Number == run.Number) is { } same)
                Same(FindingKind.Torn, run.Id, Shown(same), Shown(run));
        }
    }

    private void Same(FindingKind kind, string what, string? expected, string? actual)
    {
        if (expected != actual)
            Add(kind, $"{what}: expected '{expected}', found '{actual}'");
    }

    private void Add(FindingKind kind, string text) => _findings.Add(new Finding(kind, text));
}
