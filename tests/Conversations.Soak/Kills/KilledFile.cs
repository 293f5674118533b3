using System.Globalization;
using Conversations.Soak.Checking;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Soak.Kills;

/// <summary>A file on which children are killed, and all that they were told.</summary>
internal sealed class KilledFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-soak-");
    private readonly Ledger _ledger = new();
    private int _next = 1;

    private string File => Path.Combine(_folder.FullName, "killed.db");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Has a child killed, and says what is wrong with what it left.</summary>
    public async Task<List<Finding>> KillAsync(KillPoint point, int time, long microseconds)
    {
        using var child = ChildProcess.Start(
            "kill", File, point.ToString(), time.ToString(CultureInfo.InvariantCulture), microseconds.ToString(CultureInfo.InvariantCulture), _next.ToString(CultureInfo.InvariantCulture));
        Note(await child.ReadToEndAsync());
        _next += KillChild.Requests;
        if (!child.WasKilled)
            return [new Finding(FindingKind.Wrong, $"the child never came to {point}, or failed before")];

        var findings = await TakeOverAsync();
        findings.AddRange(DatabaseCheck.Run(File));
        return findings;
    }

    private void Note(List<string> lines)
    {
        foreach (var line in lines.Select(line => line.Split(' ')))
        {
            if (line is ["asking", var user, var asked])
                _ledger.Asked(user, int.Parse(asked, CultureInfo.InvariantCulture));
            else if (line is ["answered", var told, var answered, var runId])
                _ledger.Acknowledged(told, int.Parse(answered, CultureInfo.InvariantCulture), runId);
        }
    }

    private async Task<List<Finding>> TakeOverAsync()
    {
        // Later than any lease; what was left open is looked at while its own still runs.
        var now = TimeProvider.System.GetUtcNow();
        var clock = new ManualTimeProvider(now);
        await using var store = new SqliteConversationStore($"Data Source={File}", clock);
        var manager = new ConversationManager(store, CountingSummarizer.Options(), clock);
        var findings = await LedgerCheck.RunAsync(manager, _ledger);
        await LockedAsync(manager, clock, findings);
        await SummariesAsync(manager, store, findings);

        clock.SetUtcNow(now + TimeSpan.FromMinutes(2));
        foreach (var entry in _ledger.Entries.Where(entry => entry.RunId is null))
        {
            var result = await manager.As(entry.User).RunTurnAsync(Agents.Request(Agents.Own, entry.User, entry.Request), Agents.AnswerAsync);
            _ledger.Acknowledged(entry.User, entry.Request, result.RunId!);
        }

        await manager.WaitForSummariesAsync();
        findings.AddRange(await LedgerCheck.RunAsync(manager, _ledger));
        await SummariesAsync(manager, store, findings);
        return findings;
    }

    /// <summary>Until its lease is over, what a child left open is in progress.</summary>
    private static async Task LockedAsync(ConversationManager manager, ManualTimeProvider clock, List<Finding> findings)
    {
        foreach (var conversation in await StoredConversation.ReadAllAsync(manager))
        {
            foreach (var run in conversation.Runs.Where(run => run.Status == RunStatus.Running))
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
                    // As it should be.
                }
            }
        }
    }

    /// <summary>A summary covers what it says, and nothing that is not there.</summary>
    private static async Task SummariesAsync(ConversationManager manager, SqliteConversationStore store, List<Finding> findings)
    {
        foreach (var conversation in await StoredConversation.ReadAllAsync(manager))
        {
            var summary = await store.GetSummaryAsync(conversation.Data.Id, new ConversationAccess(conversation.Data.Project, null), long.MaxValue);
            if (summary is null)
                continue;

            var covered = conversation.Messages.Count(message => message.Position <= summary.Through);
            if (covered != summary.MessageCount || summary.Text != covered.ToString(CultureInfo.InvariantCulture))
                findings.Add(new Finding(FindingKind.Torn, $"a summary of {conversation.Data.Id} covers {covered} messages, was made of {summary.Text} and says {summary.MessageCount}"));
        }
    }
}
