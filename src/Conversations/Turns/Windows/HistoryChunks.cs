using System.Collections.ObjectModel;
using Conversations.Storage;

namespace Conversations;

/// <summary>The messages of a history that were read so far, chunk by chunk from the newest backwards, without those that no prompt shows.</summary>
internal sealed class HistoryChunks
{
    private const int LongestChunk = 256;

    private readonly IConversationStore _store;
    private readonly TurnPlan _plan;
    private readonly StoredConversation _conversation;
    private readonly long? _most;
    private List<StoredRun>? _runs;
    private List<ExcludedRange>? _excluded;
    private List<TokenRecount>? _recounts;
    private long _oldestRun = long.MaxValue;
    private MessageKind? _newer;
    private long _exchange;

    /// <summary>Initializes the chunks.</summary>
    /// <param name="store">The store.</param>
    /// <param name="plan">The turn.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="own">The tokens of the prompt without history.</param>
    /// <param name="needed">The messages that are needed regardless of the limits. The others are added to this list.</param>
    public HistoryChunks(IConversationStore store, TurnPlan plan, StoredConversation conversation, long own, List<StoredMessage> needed)
    {
        _store = store;
        _plan = plan;
        _conversation = conversation;
        _most = plan.Limits.Tokens - own;
        Budget = _most;
        Messages = needed;
        for (var i = 0; i < needed.Count; i++)
            Budget -= Count(needed, i).Count;
        Shown = needed.Count;
    }

    /// <summary>Gets the messages, oldest first.</summary>
    public List<StoredMessage> Messages { get; }

    /// <summary>Gets the tokens that are left; null if there is no limit.</summary>
    public long? Budget { get; private set; }

    /// <summary>Gets the number of messages that have their content.</summary>
    public int Shown { get; private set; }

    /// <summary>Gets the number of messages that are left out, for being too large or failed.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Gets whether a message was found that no longer fits, so that older ones are not read.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Gets whether all messages of the last chunk are shown, so that their tokens ended the read if tokens did.</summary>
    public bool IsExact { get; private set; } = true;

    /// <summary>Gets the position before which messages are to be read again, because there is room for their content now; null if the last chunk was taken to its end.</summary>
    public long? ReadAgainBefore { get; private set; }

    /// <summary>Gets whether the oldest message that was taken is a result, whose call was not.</summary>
    public bool IsWithinExchange => _newer == MessageKind.ToolResult;

    /// <summary>Gets the user message before the first message, if it was read.</summary>
    public StoredMessage? Question { get; private set; }

    public IReadOnlyList<TokenRecount> Recounts => _recounts ?? (IReadOnlyList<TokenRecount>)[];

    public IReadOnlyList<ExcludedRange> Excluded => _excluded ?? (IReadOnlyList<ExcludedRange>)[];

    /// <summary>Adds the next older messages.</summary>
    /// <param name="chunk">The messages, oldest first.</param>
    /// <param name="from">The position from which on messages are shown.</param>
    /// <param name="cancellationToken">Cancels the reading of runs.</param>
    public async ValueTask AddAsync(List<StoredMessage> chunk, long from, CancellationToken cancellationToken)
    {
        var before = 0;
        while (before < chunk.Count && chunk[before].Position < from)
            before++;
        if (before > 0)
        {
            Question = chunk.Take(before).LastOrDefault(static message => message is { Role: MessageRole.User, Kind: MessageKind.Message });
            chunk.RemoveRange(0, before);
        }

        // The store skips errors that were written. A message that is an error now was damaged since, and is skipped too.
        ReadAgainBefore = null;
        IsExact = chunk.RemoveAll(static message => message.Kind == MessageKind.Error && !ShownContent.IsOmitted(message)) == 0;
        var failed = await RemoveFailedAsync(chunk, cancellationToken).ConfigureAwait(false);
        LeftOut += failed;
        IsExact &= failed == 0;
        Take(chunk);
        Messages.InsertRange(0, chunk);
    }

    /// <summary>Reads the models of the runs that wrote the messages.</summary>
    public async ValueTask<IReadOnlyDictionary<long, string?>> ReadModelsAsync(CancellationToken cancellationToken)
    {
        await ReadRunsAsync(Messages, cancellationToken).ConfigureAwait(false);

        // The first entry, which belongs to no run, states that there are such messages also if no run is found.
        var models = new Dictionary<long, string?> { [0] = null };
        foreach (var run in _runs ?? [])
            models[run.Run.Number] = run.Run.Model;
        return new ReadOnlyDictionary<long, string?>(models);
    }

    /// <summary>Counts the messages that have no count of the counter, and takes their tokens from the budget, from the newest to the oldest.</summary>
    private void Take(List<StoredMessage> chunk)
    {
        for (var i = chunk.Count - 1; i >= 0; i--)
        {
            var tokens = Count(chunk, i).Count;
            var isOmitted = ShownContent.IsOmitted(chunk[i]);
            if (tokens > _most || !TakeOfExchange(chunk, i, tokens))
            {
                chunk[i] = isOmitted ? chunk[i] : MessageContent.WithoutContent(chunk[i]);
                LeftOut++;
            }
            else if (isOmitted)
            {
                // It would fit by itself, but not together with the newer messages, unless some of those were left out since.
                IsFull = tokens > Budget;
                ReadAgainBefore = IsFull ? null : chunk[i].Position + 1;
                chunk.RemoveRange(0, i + 1);
                return;
            }
            else
            {
                Budget -= tokens;
                Shown++;
            }
        }
    }

    /// <summary>Adds a message to the exchange that is taken. If the exchange would never fit, its results are left out: otherwise nothing that precedes it would be shown.</summary>
    /// <returns>False if the message is a result that is left out.</returns>
    private bool TakeOfExchange(List<StoredMessage> chunk, int index, long tokens)
    {
        var (kind, newer) = (KindOf(chunk[index]), _newer);
        var isContinued = kind == MessageKind.ToolResult ? newer == MessageKind.ToolResult : kind == MessageKind.ToolCall && newer is MessageKind.ToolResult or MessageKind.ToolCall;
        _newer = kind;
        _exchange = (isContinued ? _exchange : 0) + tokens;
        if (!(_exchange > _most) || kind is not (MessageKind.ToolResult or MessageKind.ToolCall))
            return true;

        LeaveOutResults(chunk, index + 1);
        return kind == MessageKind.ToolCall;
    }

    /// <summary>Leaves out the results of an exchange that were taken.</summary>
    /// <param name="chunk">The messages that are taken, before those that were taken in earlier chunks.</param>
    /// <param name="from">The first message of the exchange.</param>
    private void LeaveOutResults(List<StoredMessage> chunk, int from)
    {
        var hasResults = false;
        for (var i = from; i < chunk.Count + Messages.Count; i++)
        {
            var (list, index) = i < chunk.Count ? (chunk, i) : (Messages, i - chunk.Count);
            var kind = KindOf(list[index]);
            if (kind is not (MessageKind.ToolResult or MessageKind.ToolCall) || (hasResults && kind == MessageKind.ToolCall))
                return;

            hasResults |= kind == MessageKind.ToolResult;
            if (kind == MessageKind.ToolCall || ShownContent.IsOmitted(list[index]))
                continue;

            IsExact = false;
            Budget += list[index].Tokens!.Value.Count;
            Shown--;
            LeftOut++;
            list[index] = MessageContent.WithoutContent(list[index]);
        }
    }

    private MessageKind KindOf(StoredMessage message) => !ShownContent.IsOmitted(message) ? message.Kind
        : message.Role == MessageRole.Tool ? MessageKind.ToolResult
        : message.Role == MessageRole.Assistant && IsWithinExchange ? MessageKind.ToolCall
        : message.Kind;

    /// <summary>Removes the input, and the output, of runs that failed and are no longer shown.</summary>
    private async ValueTask<int> RemoveFailedAsync(List<StoredMessage> chunk, CancellationToken cancellationToken)
    {
        if (_plan.Settings.FailedInputs == FailedInputs.Keep || !HasRunUpTo(chunk, _conversation.LastFailedRun))
            return 0;

        await ReadRunsAsync(chunk, cancellationToken).ConfigureAwait(false);
        var leftOut = RunRules.LeftOut(_runs ?? [], [.. chunk, .. Messages], _plan.Settings.FailedInputs);
        return chunk.RemoveAll(message =>
        {
            if (message.RunNumber is not { } run || !leftOut.Contains(run))
                return false;

            (_excluded ??= []).Add(new ExcludedRange(ExclusionReason.FailedInput, message.Position, message.Position));
            return true;
        });
    }

    private static bool HasRunUpTo(List<StoredMessage> chunk, long run)
    {
        for (var i = 0; i < chunk.Count && run > 0; i++)
        {
            if (chunk[i].RunNumber <= run)
                return true;
        }

        return false;
    }

    /// <summary>Reads the runs that are not known yet, down to the oldest one that wrote a message.</summary>
    private async ValueTask ReadRunsAsync(List<StoredMessage> chunk, CancellationToken cancellationToken)
    {
        if (chunk.Min(static message => message.RunNumber) is not { } first || first >= _oldestRun)
            return;

        var range = new RunRange { ConversationId = _conversation.Conversation.Id, Access = _plan.Access, After = first - 1, Before = _oldestRun, Limit = LongestChunk };
        while (await _store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
        {
            (_runs ??= []).AddRange(read);
            if (read.Count < range.Limit)
                break;
            range = range with { Before = read[^1].Run.Number };
        }

        _oldestRun = first;
    }

    /// <summary>Counts a message of a list, if it has no count of the counter.</summary>
    private TokenAmount Count(List<StoredMessage> list, int index)
    {
        var counted = PromptCost.Counted(_plan.Limits.Counter, list[index]);
        if (!ReferenceEquals(counted, list[index]))
        {
            list[index] = counted;
            (_recounts ??= []).Add(new TokenRecount(counted.Position, counted.Tokens!.Value));
        }

        return counted.Tokens!.Value;
    }
}
