using System.Globalization;
using Conversations.Soak.Checking;
using Conversations.StoreSpecification;

namespace Conversations.Soak.Faults;

/// <summary>A SQLite file with a fault, the ledger of what was acknowledged, and a clock that only the fault moves.</summary>
internal sealed class FaultFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-soak-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "fault.db");

    public ManualTimeProvider Clock { get; } = new(TimeProvider.System.GetUtcNow());

    public Ledger Ledger { get; } = new();

    public List<Finding> Findings { get; } = [];

    public SqliteConversationStore Open(string more = "") => new($"Data Source={Path}{more}", Clock);

    public ConversationManager Manager(SqliteConversationStore store) => new(store, Agents.Options(), Clock);

    public void Wrong(string text) => Findings.Add(new Finding(FindingKind.Wrong, text));

    /// <summary>Sends a request, notes the outcome, and returns why it was refused; null if it was not.</summary>
    public async Task<string?> AskAsync(ConversationManager manager, string user, int request, Func<ConversationTurn, CancellationToken, Task>? answer = null)
    {
        Ledger.Asked(user, request);
        try
        {
            var result = await manager.As(user).RunTurnAsync(Agents.Request(Agents.Own, user, request), answer ?? Agents.AnswerAsync);
            Ledger.Acknowledged(user, request, result.RunId!);
            return null;
        }
        catch (ConversationException exception)
        {
            if (exception.Code != ConversationErrorCodes.CommitOutcomeUnknown)
                Ledger.Refused(user, request);
            return exception.Code;
        }
    }

    /// <summary>Notes the output of a child.</summary>
    public void Note(IEnumerable<string> lines)
    {
        foreach (var line in lines.Select(line => line.Split(' ')))
        {
            if (line is ["asking", var asking, var asked])
                Ledger.Asked(asking, int.Parse(asked, CultureInfo.InvariantCulture));
            else if (line is ["answered", var answering, var answered, var runId])
                Ledger.Acknowledged(answering, int.Parse(answered, CultureInfo.InvariantCulture), runId);
            else if (line is ["refused", var refusing, var refused, var code] && code != ConversationErrorCodes.CommitOutcomeUnknown)
                Ledger.Refused(refusing, int.Parse(refused, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Compares the content with what was acknowledged. After every lease has expired, sends unanswered requests again, and compares again.</summary>
    public async Task<List<Finding>> EndAsync()
    {
        await using (var store = Open())
        {
            var manager = Manager(store);
            Findings.AddRange(await LedgerCheck.RunAsync(manager, Ledger));
            Clock.SetUtcNow(Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
            foreach (var entry in Ledger.Entries.Where(entry => entry.RunId is null))
            {
                if (await AskAsync(manager, entry.User, entry.Request) is { } code)
                    Wrong($"{entry.User}/{entry.Request} is refused afterwards: {code}");
            }

            Findings.AddRange(await LedgerCheck.RunAsync(manager, Ledger));
        }

        Findings.AddRange(DatabaseCheck.Run(Path));
        return Findings;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
