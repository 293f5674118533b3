using System.Globalization;
using Conversations.Soak.Checking;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Soak.Kills;

/// <summary>A file on which children are killed, and all that was acknowledged to them.</summary>
internal sealed class KilledFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-soak-");
    private readonly Ledger _ledger = new();
    private readonly Dictionary<(string ConversationId, long Run), long> _saved = [];
    private readonly Dictionary<string, bool> _temporary = []; // Whether the conversation was reported as deleted.
    private int _next = 1;

    /// <summary>How many interrupted runs left their streamed output.</summary>
    public int Streamed { get; private set; }

    /// <summary>How many answers were stored and not acknowledged to the child.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>How many requests of the child were not answered.</summary>
    public int Unanswered { get; private set; }

    private string File => Path.Combine(_folder.FullName, "killed.db");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs a child until it is killed, and returns what is wrong with the data that it left.</summary>
    /// <param name="point">The point at which it is killed.</param>
    /// <param name="time">How often it reaches the point before it is killed.</param>
    /// <param name="microseconds">How long after the point, if the point is a period.</param>
    /// <param name="lies">Whether it reports requests as answered before they are, to prove that this is found.</param>
    public async Task<List<Finding>> KillAsync(KillPoint point, int time, long microseconds, bool lies = false)
    {
        using var child = ChildProcess.Start(
            "kill", File, point.ToString(), Text(time), Text(microseconds), Text(_next), lies.ToString());
        Note(await child.ReadToEndAsync());
        _next += KillChild.Requests;
        if (!child.WasKilled)
            return [new Finding(FindingKind.Wrong, $"the child never came to {point}, or failed before")];

        var findings = await TakeOverAsync();
        findings.AddRange(DatabaseCheck.Run(File));
        return findings;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void Note(List<string> lines)
    {
        foreach (var line in lines.Select(line => line.Split(' ')))
        {
            if (line is ["asking", var user, var asked])
                _ledger.Asked(user, int.Parse(asked, CultureInfo.InvariantCulture));
            else if (line is ["again", var repeating, var repeated])
                _ledger.Again(repeating, int.Parse(repeated, CultureInfo.InvariantCulture));
            else if (line is ["saved", var conversationId, var run, var end])
                _saved[(conversationId, long.Parse(run, CultureInfo.InvariantCulture))] = long.Parse(end, CultureInfo.InvariantCulture);
            else if (line is ["imported", var imported])
                _temporary.Add(imported, false);
            else if (line is ["deleted", var deleted])
                _temporary[deleted] = true;
            else if (line is ["answered", var asker, var answered, var runId])
                _ledger.Acknowledged(asker, int.Parse(answered, CultureInfo.InvariantCulture), runId);
        }
    }

    private async Task<List<Finding>> TakeOverAsync()
    {
        // Later than any lease; what was left open is checked while its lease is still held.
        var now = TimeProvider.System.GetUtcNow();
        var clock = new ManualTimeProvider(now);
        await using var store = new SqliteConversationStore($"Data Source={File}", clock);
        var manager = new ConversationManager(store, CountingSummarizer.Options(), clock);
        var findings = await LedgerCheck.RunAsync(manager, _ledger);
        await DeletionsAsync(manager, findings);
        await LockedAsync(manager, clock, findings);
        await SummariesAsync(manager, store, findings);

        clock.SetUtcNow(now + TimeSpan.FromMinutes(2));
        foreach (var entry in _ledger.Entries.Where(entry => entry.RunId is null))
        {
            var result = await manager.As(entry.User).RunTurnAsync(Agents.Request(Agents.Own, entry.User, entry.Request), Agents.AnswerAsync);
            Unacknowledged += result.IsReplay ? 1 : 0;
            Unanswered += result.IsReplay ? 0 : 1;
            _ledger.Acknowledged(entry.User, entry.Request, result.RunId!);
        }

        foreach (var entry in _ledger.Entries.Where(entry => entry.MayBeAnother))
        {
            var result = await manager.As(entry.User).RegenerateAsync(await AnswerToAsync(manager, entry), Agents.AnswerAsync);
            _ledger.Acknowledged(entry.User, entry.Request, result.RunId!);
        }

        await manager.WaitForSummariesAsync();
        findings.AddRange(await LedgerCheck.RunAsync(manager, _ledger));
        await SummariesAsync(manager, store, findings);
        await StreamsAsync(manager, findings);
        return findings;
    }

    /// <summary>A conversation that was being deleted exists whole or not at all, and not at all if it was reported as deleted.</summary>
    private async Task DeletionsAsync(ConversationManager manager, List<Finding> findings)
    {
        foreach (var conversation in (await ReadConversation.ReadAllAsync(manager)).Where(conversation => conversation.Data.Agent == Agents.Temporary))
        {
            if (_temporary.GetValueOrDefault(conversation.Data.Id))
                findings.Add(new Finding(FindingKind.Lost, $"the deletion of {conversation.Data.Id} was reported, and is undone"));
            if (conversation.Messages.Count != KillChild.TemporaryMessages)
                findings.Add(new Finding(FindingKind.Torn, $"{conversation.Data.Id} has {conversation.Messages.Count} of {KillChild.TemporaryMessages} messages"));
            await manager.DeleteAsync(conversation.Data.Id);
        }

        _temporary.Clear();
    }

    private static async Task<string> AnswerToAsync(ConversationManager manager, LedgerEntry entry)
    {
        var conversation = await manager.As(entry.User).GetCurrentAsync(Agents.Own);
        var last = await manager.GetMessagesAsync(conversation!.Id, new MessageQuery { NewestFirst = true }).FirstAsync();
        return Mark.Of(last)!.Request == entry.Request ? last.Id! : throw new InvalidOperationException("What was answered again is not the last answer.");
    }

    /// <summary>Until its lease expires, what a child left open is in progress.</summary>
    private static async Task LockedAsync(ConversationManager manager, ManualTimeProvider clock, List<Finding> findings)
    {
        foreach (var conversation in await ReadConversation.ReadAllAsync(manager))
        {
            foreach (var run in conversation.Runs.Where(run => run is { Status: RunStatus.Running, IdempotencyKey: not null }))
            {
                var mark = Mark.Of(conversation.Messages.First(message => message.Position == run.InputPosition))!;
                clock.SetUtcNow(run.StartedAt + TimeSpan.FromSeconds(1));
                try
                {
                    await manager.As(mark.User).RunTurnAsync(Agents.Request(Agents.Own, mark.User, mark.Request), Agents.AnswerAsync);
                    findings.Add(new Finding(FindingKind.Wrong, $"{mark} was answered while the lease of {run.Id} ran"));
                }
                catch (TurnInProgressException)
                {
                    // Expected.
                }
            }
        }
    }

    /// <summary>Saved pieces of a stream are stored when the run is interrupted, and are the beginning of the answer.</summary>
    private async Task StreamsAsync(ConversationManager manager, List<Finding> findings)
    {
        foreach (var conversation in await ReadConversation.ReadAllAsync(manager))
        {
            foreach (var run in conversation.Runs.Where(run => run.Outcome == RunStatus.Interrupted))
            {
                var saved = _saved.GetValueOrDefault((conversation.Data.Id, run.Number));
                var output = conversation.Span(run.OutputPosition, run.OutputCount).ToList();
                var left = output.Sum(message => message.Text.Length);
                if (left < saved)
                    findings.Add(new Finding(FindingKind.Lost, $"{run.Id} had saved {saved} characters, and left {left}"));
                if (saved > 0 && output is [var first, ..] && !StreamedAnswer.IsBeginning(Mark.Of(first)!, first.Text))
                    findings.Add(new Finding(FindingKind.Torn, $"{run.Id} left something else than it had streamed"));
                Streamed += output.Count > 0 ? 1 : 0;
            }
        }
    }

    /// <summary>A summary covers the messages that it counts, and none that do not exist, and was written with its run.</summary>
    private static async Task SummariesAsync(ConversationManager manager, SqliteConversationStore store, List<Finding> findings)
    {
        foreach (var conversation in await ReadConversation.ReadAllAsync(manager))
        {
            var lookup = new ConversationLookup { Access = new(conversation.Data.Project, audiences: null), ConversationId = conversation.Data.Id, SummaryBefore = long.MaxValue };
            if ((await store.LoadAsync(lookup)).Summary is not { } summary)
                continue;

            var covered = conversation.Messages.Where(message => message.Position <= summary.Through).ToList();
            var current = covered.Count(message => !message.IsSuperseded);
            if (covered.Count != summary.MessageCount || summary.Text != current.ToString(CultureInfo.InvariantCulture))
                findings.Add(new Finding(FindingKind.Torn, $"a summary of {conversation.Data.Id} covers {covered.Count} messages, {current} of them current, was made of {summary.Text} and says {summary.MessageCount}"));
            if (!conversation.Runs.Any(run => run.Kind == RunKind.Summary && run.EndedAt == summary.CreatedAt))
                findings.Add(new Finding(FindingKind.Torn, $"a summary of {conversation.Data.Id} has no run"));
        }
    }
}
