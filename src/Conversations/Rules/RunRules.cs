using Conversations.Storage;

namespace Conversations;

/// <summary>What a run is, what it answers, and how applications see it.</summary>
internal static class RunRules
{
    /// <summary>The run as applications see it: superseded if another run superseded a message of it [5.5].</summary>
    public static ConversationRun AsShown(this StoredRun run) =>
        run.Run.SupersededBy is null ? run.Run : run.Run with { Status = RunStatus.Superseded, Outcome = run.Run.Outcome };

    /// <summary>Whether it answers its request [3.3].</summary>
    public static bool IsAnswered(this ConversationRun run) => run.Outcome.IsAnswer();

    /// <summary>Whether a run that ends so answers its request [3.3].</summary>
    public static bool IsAnswer(this RunStatus status) => status is RunStatus.Completed or RunStatus.RequiresAction;

    /// <summary>Whether it answered the same input as another run, which did not, and added a message [3.5].</summary>
    public static bool AnsweredInsteadOf(this ConversationRun run, ConversationRun other) => run.Input() == other.Input() && run.IsAnswered() && run.OutputCount > 0;

    /// <summary>Whether what it added is the partial output of a run on an input [4.10].</summary>
    public static bool IsPartialAnswerTo(this ConversationRun run, MessageSpan input) => run.InputPosition == input.Position && !run.IsAnswered();

    /// <summary>Whether it was closed by its own commit [9.2]. Others can interrupt it, or delete it and number another run like it, also that of a summary.</summary>
    /// <param name="run">The run.</param>
    /// <param name="startedAt">When the run began whose commit was sent.</param>
    public static bool WasCommitted(this ConversationRun run, DateTimeOffset startedAt) =>
        run.Kind == RunKind.Turn && run.StartedAt == startedAt && run.Outcome is not (RunStatus.Running or RunStatus.Interrupted);

    /// <summary>Whether it failed, or its model refused the request [10.3].</summary>
    public static bool Failed(RunStatus outcome, string? finishReason) =>
        outcome == RunStatus.Failed || (outcome is RunStatus.Completed or RunStatus.RequiresAction && finishReason is "content_filter" or "refusal");

    /// <summary>The runs whose input and output prompts do not show, because no model answers that input [10.3, 10.4].</summary>
    /// <param name="runs">The runs that wrote the messages, and all later ones.</param>
    /// <param name="messages">The messages of the window that were read so far, oldest first. What runs did on older input is not known yet, so it is not left out.</param>
    /// <param name="policy">The agent's policy.</param>
    public static IReadOnlySet<long> LeftOut(IReadOnlyList<StoredRun> runs, IReadOnlyList<StoredMessage> messages, FailedInputs policy)
    {
        var leftOut = new HashSet<long>();
        if (policy == FailedInputs.Keep)
            return leftOut;

        var turns = runs.Select(run => run.Run).Where(run => run is { Kind: RunKind.Turn, InputCount: > 0 } && run.Outcome != RunStatus.Running).ToList();
        var called = Called(messages);
        var oldest = messages.Count > 0 ? messages[0].Position : 0;
        var failed = new List<(long LastRun, List<long> Runs)>();
        foreach (var attempts in turns.GroupBy(run => run.InputPosition))
        {
            // What a run did with its tools has happened, so the model must know it.
            var last = attempts.MaxBy(run => run.Number)!;
            if (attempts.Key >= oldest && Failed(last.Outcome, last.FinishReason) && !attempts.Any(run => IsGood(run) || called.Contains(run.Number)))
                failed.Add((last.Number, [.. attempts.Select(run => run.Number)]));
        }

        var newest = failed.Count == 0 ? 0 : failed.Max(input => input.LastRun);
        foreach (var (lastRun, attempts) in failed)
        {
            if (policy == FailedInputs.Exclude || lastRun < newest || turns.Exists(run => run.Number > lastRun && IsGood(run)))
                leftOut.UnionWith(attempts);
        }

        return leftOut;
    }

    /// <summary>The runs that called a tool, also if the call and its result were read without their content.</summary>
    private static HashSet<long?> Called(IReadOnlyList<StoredMessage> messages)
    {
        var called = new HashSet<long?>();
        MessageKind? next = null;
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            next = ShownContent.KindOf(messages[i], next);
            if (next is MessageKind.ToolCall or MessageKind.ToolResult)
                called.Add(messages[i].RunNumber);
        }

        return called;
    }

    private static bool IsGood(ConversationRun run) => run.IsAnswered() && !Failed(run.Outcome, run.FinishReason);

    /// <summary>What becomes of its streamed output when it is interrupted [6.3]. If its input replaces a message, that message remains [4.13].</summary>
    public static InterruptedOutput WhenInterrupted(this OpenRun open) =>
        open is { OnInterruption: InterruptedOutput.Append, Run.ReplacedPosition: not null } ? InterruptedOutput.AppendSuperseded : open.OnInterruption;

    /// <summary>Whether a message of the input of an earlier run is superseded, so that the request is not run on it again [3.6]. Input that replaces a message is superseded by its own run until it has replaced it [4.12].</summary>
    /// <param name="message">The message.</param>
    /// <param name="replaces">Whether the request replaces a message.</param>
    public static bool IsSupersededInput(this StoredMessage message, bool replaces) => message.SupersededBy is { } by && !(replaces && by == message.RunNumber);

    /// <summary>The position from which on it may have superseded or restored messages; null if it did neither. What supersedes or restores a single message states no position, and names what that message answers.</summary>
    public static long? ChangesFrom(this StoredRun run) =>
        run.SupersededFrom ?? (run.Run is { Kind: RunKind.Turn, IsOnExistingInput: true, OutputCount: 0 } ? run.Run.InputPosition : null);

    /// <summary>The messages that it answers.</summary>
    public static MessageSpan Input(this ConversationRun run) => new(run.InputPosition, run.InputCount);

    /// <summary>Whether a caller should know a message that follows one that it knows [4.16]: an answer, an imported message, or what was done with tools. It may not know its own question if that has no answer, nor text that broke off.</summary>
    public static bool ShouldBeKnown(this StoredMessage message) =>
        message.RunNumber is null || message is { Role: MessageRole.Assistant, IsPartial: false } || message.Kind is MessageKind.ToolCall or MessageKind.ToolResult;

    /// <summary>Whether a caller should know the input of a run that added nothing it should know [4.16]: that of another caller, who may wait for an answer, and that of a run which is completed, because it was not to be answered.</summary>
    public static bool ShouldBeKnown(this ConversationRun run, string caller) => run.IsAnswered() || !string.Equals(run.Caller ?? "", caller, StringComparison.Ordinal);

    /// <summary>Whether a message without a run can be the input of one [4.11]. A damaged message can, so that it is reported and not passed over.</summary>
    /// <remarks>What can be answered can be replaced [4.12].</remarks>
    public static bool CanBeAnswered(this StoredMessage message) => message is { Role: MessageRole.User } and ({ Kind: MessageKind.Message } or { IsDamaged: true });
}
