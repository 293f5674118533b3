using System.Globalization;
using System.Runtime.Versioning;
using Conversations.Soak.Checking;

namespace Conversations.Soak.Faults;

/// <summary>Faults that need another process.</summary>
internal static class ProcessFaults
{
    /// <summary>A holder is stopped, another turn commits after its lease, and the holder continues: it has lost its lease, and its request can be sent again.</summary>
    [SupportedOSPlatform("linux")]
    public static async Task<List<Finding>> PausedHolderAsync()
    {
        using var file = new FaultFile();
        using var child = ChildProcess.Start("hold", file.Path, "alice", "1");
        file.Note([(await child.ReadLineAsync())!]);
        if (await child.ReadLineAsync() != "begun")
            file.Wrong("the holder has not begun");

        Linux.Signal(child.Id, Linux.SigStop);
        try
        {
            await using var store = file.Open();
            file.Clock.SetUtcNow(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1));
            if (await file.AskAsync(file.Manager(store), "alice", 2) is not ConversationErrorCodes.ConversationLocked)
                file.Wrong("the lease of the holder was not kept");
            file.Clock.SetUtcNow(TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(31));
            if (await file.AskAsync(file.Manager(store), "alice", 2) is { } code)
                file.Wrong($"the successor was refused: {code}");
        }
        finally
        {
            Linux.Signal(child.Id, Linux.SigCont);
        }

        child.Say("go on");
        var lines = await child.ReadToEndAsync();
        file.Note(lines);
        if (lines is not [var line] || line != $"refused alice 1 {ConversationErrorCodes.LeaseLost}")
            file.Wrong($"the holder printed '{string.Join("', '", lines)}'");
        return await file.EndAsync();
    }

    /// <summary>Two processes on one conversation.</summary>
    public static async Task<List<Finding>> TwoProcessesAsync(int turns, Tally tally)
    {
        using var file = new FaultFile();
        var count = turns.ToString(CultureInfo.InvariantCulture);
        using var first = ChildProcess.Start("turns", file.Path, "alice", count);
        using var second = ChildProcess.Start("turns", file.Path, "bob", count);
        await first.ReadLineAsync();
        await second.ReadLineAsync();
        first.Say("go");
        second.Say("go");
        foreach (var lines in await Task.WhenAll(first.ReadToEndAsync(), second.ReadToEndAsync()))
            file.Note(lines);

        var answered = file.Ledger.Entries.Count(entry => entry.RunId is not null);
        if (answered != 2 * turns)
            file.Wrong($"{answered} of {2 * turns} turns were answered");
        await using (var store = file.Open())
        {
            var conversation = (await ReadConversation.ReadAllAsync(file.Manager(store)))[0];
            var speakers = conversation.Messages.Select(message => Mark.Of(message)!.User).ToList();
            tally.Note("times one process came after the other", speakers.Zip(speakers.Skip(1)).Count(pair => pair.First != pair.Second));
        }

        return await file.EndAsync();
    }

    /// <summary>Files cannot grow beyond a size: refused requests are not stored, and answered ones are.</summary>
    [SupportedOSPlatform("linux")]
    public static async Task<List<Finding>> FileSizeLimitAsync()
    {
        using var file = new FaultFile();
        using var child = ChildProcess.Start("limited", file.Path, "alice", "300000");
        var lines = await child.ReadToEndAsync();
        file.Note(lines);
        var refusals = lines.FindAll(line => line.StartsWith("refused", StringComparison.Ordinal)).ConvertAll(line => line.Split(' ')[^1]);
        if (refusals.Count != 3)
            file.Wrong($"{refusals.Count} of 3 requests were refused, and all answered once the limit was lifted");
        foreach (var code in refusals.Where(code => code is not (ConversationErrorCodes.StoreFull or ConversationErrorCodes.StoreUnavailable or ConversationErrorCodes.CommitOutcomeUnknown)))
            file.Wrong($"a write beyond the limit was refused as {code}");

        // A write whose outcome is unknown may have been applied.
        var deletions = lines.FindAll(line => line is "deleted" or "gone" || line.StartsWith("kept", StringComparison.Ordinal));
        if (deletions is not ([$"kept {ConversationErrorCodes.StoreFull}" or $"kept {ConversationErrorCodes.StoreUnavailable}", "deleted"] or [$"kept {ConversationErrorCodes.CommitOutcomeUnknown}", "deleted" or "gone"]))
            file.Wrong($"a deletion at the limit and one without it printed '{string.Join("', '", deletions)}'");

        // The child's clock has run ahead.
        file.Clock.SetUtcNow(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1));
        return await file.EndAsync();
    }
}
