using Conversations.Storage;

namespace Conversations;

internal static partial class TurnRules
{
    /// <summary>Adds to a commit what it supersedes and restores [4.3, 4.4, 4.5]. Without an answer, the next window is chosen again [10.2].</summary>
    /// <param name="write">The commit.</param>
    /// <param name="command">What is superseded and restored.</param>
    /// <param name="end">The last position before the commit.</param>
    /// <param name="branches">The messages and runs that may change.</param>
    private static ConversationWrite Supersede(ConversationWrite write, CommitTurnCommand command, long end, BranchFacts branches)
    {
        var by = command.Lease.RunNumber;
        var changed = branches.Messages.Where(message => After(message, command) != message.SupersededBy).ToList();
        if (changed.Count == 0)
            return write;

        var changes = new List<SupersededChange>(2);
        if (command.SupersedeFrom is { } from)
            changes.Add(new SupersededChange(Math.Max(from, 1), end, expected: null, by));
        if (command.Restore is { } restored)
            changes.Add(new SupersededChange(branches.RestoreFrom, end, restored, value: null));

        var affected = changed.Select(message => message.RunNumber).ToHashSet();
        var runs = branches.Runs
            .Where(run => run.Run.Number != by && affected.Contains(run.Run.Number))
            .Select(run => run with { Run = run.Run with { SupersededBy = LastToSupersede(run.Run.Number, command, branches) } });
        return write with
        {
            Conversation = write.Conversation with
            {
                HistoryRevision = write.Conversation.HistoryRevision + 1,
                WindowStart = command.Messages.Count == 0 ? 0 : write.Conversation.WindowStart,
            },
            Superseded = changes,
            DropSummariesFrom = changed.Min(message => message.Position),
            Runs = [.. write.Runs, .. runs],
        };
    }

    /// <summary>The last run but itself that superseded a message of a run and was not undone; null if none did [5.5].</summary>
    private static long? LastToSupersede(long number, CommitTurnCommand command, BranchFacts branches) =>
        branches.Messages.Where(message => message.RunNumber == number).Select(message => After(message, command)).Where(by => by != number).Max();

    /// <summary>Which run supersedes a stored message after a commit; null if it is current then.</summary>
    private static long? After(MessageMark message, CommitTurnCommand command) =>
        message.SupersededBy is { } by ? (by == command.Restore ? null : by)
        : message.Position >= command.SupersedeFrom ? command.Lease.RunNumber
        : null;
}
