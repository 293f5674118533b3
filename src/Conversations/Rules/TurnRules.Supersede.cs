using Conversations.Storage;

namespace Conversations;

internal static partial class TurnRules
{
    /// <summary>The position from which on a commit supersedes current messages [4.3]: that of the message that its input replaces, once it has an answer [4.13]; null for none.</summary>
    public static long? SupersedesFrom(CommitTurnCommand command, ConversationRun run) =>
        run.ReplacedPosition is { } replaced && command.Status.IsAnswer() ? replaced : command.SupersedeFrom;

    /// <summary>Decides what restoring the messages that a run superseded supersedes in turn [4.4, 4.14, 4.15].</summary>
    /// <param name="run">The run that superseded them.</param>
    /// <param name="input">Its input.</param>
    public static RestoreRule RestoreRuleOf(StoredRun run, IReadOnlyList<StoredMessage> input)
    {
        // The input is superseded by others: it must be restored first.
        if (input.FirstOrDefault(message => message.IsSuperseded && message.SupersededBy != run.Run.Number) is { } superseded)
            return new RestoreRule { MustBeRestoredFirst = superseded.Id };

        // The input is current. A run that replaced more than an answer began at its input or before it.
        if (!input.Any(static message => message.IsSuperseded))
            return run.SupersededFrom <= run.Run.InputPosition ? new RestoreRule { From = run.SupersededFrom } : new RestoreRule { IsFromAnswer = true };

        // It superseded its own input: input that has replaced nothing, a change that was itself restored, or a single message.
        var place = run.SupersededFrom ?? run.Run.ReplacedPosition;
        return new RestoreRule { From = place, MustBeCurrent = place };
    }

    /// <summary>Which messages a commit supersedes and restores, in order [4.3, 4.4, 4.13, 4.15].</summary>
    /// <param name="command">The commit.</param>
    /// <param name="run">Its run.</param>
    /// <param name="end">The last position before the commit.</param>
    /// <param name="branches">The messages and runs that may change.</param>
    private static List<SupersededChange> ChangesOf(CommitTurnCommand command, ConversationRun run, long end, BranchFacts branches)
    {
        var changes = new List<SupersededChange>(2);
        if (SupersedesFrom(command, run) is { } from)
            changes.Add(new SupersededChange(Math.Max(from, 1), end, expected: null, run.Number));
        if (command.SupersedeOnly is { } only)
            changes.Add(new SupersededChange(only, only, expected: null, run.Number));
        if (command.Restore is { } restored)
            changes.Add(new SupersededChange(branches.RestoreFrom, end, restored, value: null));

        // Input that replaces a message becomes current. The run that brought it superseded it, which can be an earlier run of the request.
        if (run.ReplacedPosition is not null && command.Status.IsAnswer() && BringerOf(run.Input(), branches) is { } bringer)
            changes.Add(new SupersededChange(run.InputPosition, run.Input().End, bringer, value: null));
        return changes;
    }

    /// <summary>The run that brought input and superseded it itself; null if there is none.</summary>
    private static long? BringerOf(MessageSpan input, BranchFacts branches) =>
        branches.Messages.Where(message => message.Position >= input.Position && message.Position <= input.End && message.SupersededBy == message.RunNumber).Max(message => message.SupersededBy);

    /// <summary>Adds to a commit what it supersedes and restores [4.3, 4.4, 4.5]. Without an answer, the next window is chosen again [10.2].</summary>
    /// <param name="write">The commit.</param>
    /// <param name="changes">What is superseded and restored, in order.</param>
    /// <param name="by">The number of its run.</param>
    /// <param name="branches">The messages and runs that may change.</param>
    private static ConversationWrite Supersede(ConversationWrite write, List<SupersededChange> changes, long by, BranchFacts branches)
    {
        var changed = branches.Messages.Where(message => After(message, changes) != message.SupersededBy).ToList();
        if (changed.Count == 0)
            return write;

        var affected = changed.Select(message => message.RunNumber).ToHashSet();
        var runs = branches.Runs
            .Where(run => run.Run.Number != by && affected.Contains(run.Run.Number))
            .Select(run => run with { Run = run.Run with { SupersededBy = LastToSupersede(run.Run.Number, changes, branches) } });
        return write with
        {
            Conversation = write.Conversation with
            {
                HistoryRevision = write.Conversation.HistoryRevision + 1,
                WindowStart = write.Messages.Count == 0 ? 0 : write.Conversation.WindowStart,
            },
            Superseded = changes,
            DropSummariesFrom = changed.Min(message => message.Position),
            Runs = [.. write.Runs, .. runs],
        };
    }

    /// <summary>The last run but itself that superseded a message of a run and was not undone; null if none did [5.5].</summary>
    private static long? LastToSupersede(long number, List<SupersededChange> changes, BranchFacts branches) =>
        branches.Messages.Where(message => message.RunNumber == number).Select(message => After(message, changes)).Where(by => by != number).Max();

    /// <summary>Which run supersedes a stored message after a commit; null if it is current then.</summary>
    private static long? After(MessageMark message, List<SupersededChange> changes)
    {
        var by = message.SupersededBy;
        foreach (var change in changes)
        {
            if (message.Position >= change.From && message.Position <= change.Through && by == change.Expected)
                by = change.Value;
        }

        return by;
    }
}
