using System.Globalization;
using System.Text;
using Conversations.Soak.Checking;
using Conversations.Soak.Kills;
using Conversations.Storage;

namespace Conversations.Soak.Faults;

/// <summary>Faults of the file.</summary>
internal static class FileFaults
{
    private const int Users = 8;

    /// <summary>Turns that are committed together, one of which finds no room: that one is refused, and the others are stored. With room again, all works.</summary>
    public static async Task<List<Finding>> FullDiskAsync()
    {
        using var file = new FaultFile();
        await using (var store = file.Open())
        {
            var manager = file.Manager(store);
            await LimitPagesAsync(store, more: 400);
            await CommitTogetherAsync(file, store, manager);
            await FillAsync(file, store, manager);
            await LimitPagesAsync(store, more: 1_000_000);
        }

        return await file.EndAsync();
    }

    /// <summary>A read-only file can still be read.</summary>
    public static async Task<List<Finding>> ReadOnlyAsync()
    {
        using var file = new FaultFile();
        await using (var store = file.Open())
            await file.AskAsync(file.Manager(store), "alice", 1);
        await using (var store = file.Open(";Mode=ReadOnly"))
        {
            var manager = file.Manager(store);
            if (await file.AskAsync(manager, "alice", 2) is not ConversationErrorCodes.StoreReadOnly and var code)
                file.Wrong($"a write to a read-only file returned {code}");
            file.Findings.AddRange(await LedgerCheck.RunAsync(manager, file.Ledger));
        }

        return await file.EndAsync();
    }

    /// <summary>A page is damaged: readers of the page get an error, and others are not affected.</summary>
    public static async Task<List<Finding>> CorruptPageAsync()
    {
        using var file = new FaultFile();
        await using (var store = file.Open())
        {
            // So long that each has a separate page.
            for (var user = 1; user <= Users; user++)
                await file.AskAsync(file.Manager(store), Name(user), 2, Padded(3_000));
        }

        Overwrite(file.Path, Name(4) + "/2/2/3 ");
        var readable = 0;
        await using (var store = file.Open())
        {
            var manager = file.Manager(store);
            for (var user = 1; user <= Users; user++)
            {
                try
                {
                    var conversation = await ReadConversation.ReadAsync(manager, (await manager.As(Name(user)).GetCurrentAsync(Agents.Own))!);
                    readable += conversation.Messages.Count == 4 ? 1 : 0;
                    if (user == 4 || conversation.Messages.Count != 4)
                        file.Wrong($"{Name(user)} got {conversation.Messages.Count} of 4 messages, and no error for the damaged one");
                }
                catch (ConversationStoreException exception) when (exception.Code == ConversationErrorCodes.StoreCorrupt)
                {
                    // Expected.
                }
            }

            if (await file.AskAsync(manager, Name(8), 3) is { } refusal)
                file.Wrong($"a conversation on good pages takes no turn: {refusal}");
        }

        if (readable != Users - 1)
            file.Wrong($"{readable} of {Users - 1} conversations on good pages can be read");
        Overwrite(file.Path, "SQLite format 3");
        await using (var store = file.Open())
        {
            if (await file.AskAsync(file.Manager(store), Name(1), 3) is not ConversationErrorCodes.StoreCorrupt and var code)
                file.Wrong($"a file without its header returned {code}");
        }

        return file.Findings;
    }

    private static string Name(int user) => string.Create(CultureInfo.InvariantCulture, $"user{user}");

    /// <summary>All commit at the same moment, because the writer is kept busy until all are in the queue. The first has more to write than there is room.</summary>
    private static async Task CommitTogetherAsync(FaultFile file, SqliteConversationStore store, ConversationManager manager)
    {
        var turns = new List<ConversationTurn>();
        for (var user = 1; user <= Users; user++)
        {
            file.Ledger.Asked(Name(user), 1);
            var turn = await manager.As(Name(user)).BeginTurnAsync(Agents.Request(Agents.Own, Name(user), 1));
            turns.Add(turn);
            await Padded(user == 4 ? 4_000_000 : 100)(turn, CancellationToken.None);
        }

        using var begun = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var busy = Task.Run(() => store.Writer.WriteAsync(new WriterProbe<bool>(_ => Hold(begun, release)), SqliteDurability.Full, CancellationToken.None).AsTask());
        begun.Wait();
        var commits = turns.ConvertAll(turn => turn.CommitAsync());
        release.Set();
        await busy;
        for (var user = 1; user <= Users; user++)
        {
            try
            {
                file.Ledger.Acknowledged(Name(user), 1, (await commits[user - 1]).RunId!);
            }
            catch (ConversationStoreException exception) when (exception.Code == ConversationErrorCodes.StoreFull && user == 4)
            {
                file.Ledger.Refused(Name(user), 1);
            }
            catch (ConversationException exception)
            {
                file.Wrong($"{Name(user)} was refused with the one who had no room: {exception.Code}");
            }
        }

        if (file.Ledger.Find(Name(4), 1)!.RunId is not null)
            file.Wrong("more was written than there was room for");
        foreach (var turn in turns)
            await turn.DisposeAsync();
    }

    /// <summary>Sends requests until there is no room for any.</summary>
    private static async Task FillAsync(FaultFile file, SqliteConversationStore store, ConversationManager manager)
    {
        await LimitPagesAsync(store, more: 20);
        string? code = null;
        for (var request = 2; code is null && request < 10_000; request++)
            code = await file.AskAsync(manager, Name(1), request, Padded(1_000));
        if (code != ConversationErrorCodes.StoreFull)
            file.Wrong($"a full disk returned {code}");
        file.Findings.AddRange(await LedgerCheck.RunAsync(manager, file.Ledger));
    }

    private static async Task LimitPagesAsync(SqliteConversationStore store, long more) =>
        await store.Writer.WriteAsync(
            new WriterProbe<bool>(session =>
            {
                session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {session.AskNumber("PRAGMA page_count") + more}"));
                return true;
            }),
            SqliteDurability.Full,
            CancellationToken.None);

    private static Func<ConversationTurn, CancellationToken, Task> Padded(int length) => (turn, _) =>
    {
        for (var piece = 1; piece <= Mark.Of(turn.Input[0])!.Pieces; piece++)
            turn.Add(Agents.Piece(turn, piece, new string('x', length)));
        return Task.CompletedTask;
    };

    private static bool Hold(ManualResetEventSlim begun, ManualResetEventSlim release)
    {
        begun.Set();
        release.Wait();
        return true;
    }

    /// <summary>Overwrites the page of a closed file that contains a text.</summary>
    private static void Overwrite(string file, string text)
    {
        var bytes = File.ReadAllBytes(file);
        var pageSize = (bytes[16] << 8) | bytes[17];
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        if (at < 0)
            throw new InvalidOperationException("The text does not stand in the file.");
        bytes.AsSpan(at / pageSize * pageSize, pageSize).Fill(0xFF);
        File.WriteAllBytes(file, bytes);
    }
}
