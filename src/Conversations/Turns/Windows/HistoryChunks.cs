using System.Collections.ObjectModel;
using System.Runtime.InteropServices;
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
    private TakenExchange _exchange;
    private bool _isNeeded;

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

    /// <summary>Gets the tokens of the single message that is to be read again before others, also if they exceed the budget; null if there is none.</summary>
    public long? NeededTokens { get; private set; }

    /// <summary>Gets whether the oldest message that was taken is a result or a call, before which there may be others of its exchange.</summary>
    public bool IsWithinExchange => _exchange.Oldest is MessageKind.ToolResult or MessageKind.ToolCall;

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
        ReadAgainBefore = NeededTokens = null;
        IsExact = chunk.RemoveAll(static message => message.Kind == MessageKind.Error && !ShownContent.IsOmitted(message)) == 0;
        var failed = await FindFailedAsync(chunk, cancellationToken).ConfigureAwait(false);
        RemoveFailed(failed);
        Take(chunk, failed);
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

    /// <summary>Counts the messages that have no count of the counter, and takes their tokens from the budget, from the newest to the oldest. Those of failed runs are removed.</summary>
    private void Take(List<StoredMessage> chunk, IReadOnlySet<long> failed)
    {
        for (var i = chunk.Count - 1; i >= 0; i--)
        {
            if (IsOf(chunk[i], failed))
            {
                LeaveOutFailed(chunk[i]);
                chunk.RemoveAt(i);
                continue;
            }

            var newer = _exchange;
            _isNeeded = false;
            var tokens = Count(chunk, i).Count;
            var isOmitted = ShownContent.IsOmitted(chunk[i]);
            if (!TakeOfExchange(chunk, i, tokens))
            {
                chunk[i] = isOmitted ? chunk[i] : MessageContent.WithoutContent(chunk[i]);
                IsExact &= isOmitted;
                LeftOut++;
            }
            else if (isOmitted)
            {
                // It would fit by itself, but not together with the newer messages, unless some of those were left out since.
                // If it decides whether its exchange is left out, it is read regardless of those.
                IsFull = tokens > Budget && !_isNeeded;
                ReadAgainBefore = IsFull ? null : chunk[i].Position + 1;
                NeededTokens = _isNeeded ? tokens : null;
                _exchange = newer;
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

    /// <summary>Adds a message to the exchange that is taken. If the exchange would never fit, its results are left out, and if its calls do not fit either, the whole exchange: otherwise nothing that precedes it would be shown.</summary>
    /// <returns>False if the message is left out, because it does not fit by itself or in its exchange.</returns>
    private bool TakeOfExchange(List<StoredMessage> chunk, int index, long tokens)
    {
        var kind = ShownContent.KindOf(chunk[index], _exchange.Oldest);
        if (tokens > _most)
        {
            _exchange = kind == MessageKind.ToolResult ? _exchange.With(kind, tokens: 0) : _exchange with { Length = _exchange.Length + 1 };
            return false;
        }

        _exchange = _exchange.With(kind, tokens);
        if (_most is null || _exchange.Oldest is not (MessageKind.ToolResult or MessageKind.ToolCall))
            return true;

        if (_exchange.Oldest == MessageKind.ToolResult)
        {
            if (!(_exchange.ResultTokens > _most))
                return true;

            LeaveOut(chunk, index, MessageKind.ToolResult);
            return false;
        }

        if (!_exchange.IsLeftOut)
        {
            if (!(CostOfExchange(chunk, index) > _most))
                return true;

            // It may be an answer before the exchange, and placeholders for results are known when the calls are.
            if (ShownContent.IsOmitted(chunk[index]))
                return _isNeeded = true;

            LeaveOut(chunk, index, MessageKind.ToolResult);
            if (!(CostOfExchange(chunk, index) > _most))
                return true;

            LeaveOut(chunk, index, MessageKind.ToolCall);
            _exchange = _exchange with { IsLeftOut = true };
        }

        return _isNeeded = ShownContent.IsOmitted(chunk[index]);
    }

    /// <summary>Returns the tokens of the exchange that is taken: of its messages, or of its calls that are known with placeholders for the results that they lack.</summary>
    /// <param name="chunk">The messages that are taken, before those that were taken in earlier chunks.</param>
    /// <param name="first">The first message of the exchange.</param>
    private long CostOfExchange(List<StoredMessage> chunk, int first)
    {
        List<StoredMessage> exchange = [.. chunk.Skip(first).Concat(Messages).Take(_exchange.Length)];
        var read = exchange.Where((message, i) => i == 0 || !ShownContent.IsOmitted(message)).Sum(static message => (long)message.Tokens!.Value.Count);
        return Math.Max(read, HistoryBlock.Of(exchange, [], _plan.Limits.Counter).Blocks.Sum(static block => block.Tokens));
    }

    /// <summary>Leaves out the messages of one kind of the exchange that were taken before its first message.</summary>
    private void LeaveOut(List<StoredMessage> chunk, int first, MessageKind kind)
    {
        for (var i = first + 1; i < first + _exchange.Length; i++)
        {
            var (list, index) = i < chunk.Count ? (chunk, i) : (Messages, i - chunk.Count);
            if (list[index].Kind != kind)
                continue;

            GiveBack(list[index]);
            LeftOut++;
            list[index] = MessageContent.WithoutContent(list[index]);
        }
    }

    /// <summary>Gives the tokens of a message that was taken, and is left out now, back to the budget.</summary>
    private void GiveBack(StoredMessage message)
    {
        IsExact = false;
        Budget += message.Tokens!.Value.Count;
        Shown--;
    }

    /// <summary>Finds the runs that failed and whose input and output are no longer shown.</summary>
    private async ValueTask<IReadOnlySet<long>> FindFailedAsync(List<StoredMessage> chunk, CancellationToken cancellationToken)
    {
        if (_plan.Settings.FailedInputs == FailedInputs.Keep || !HasRunUpTo(chunk, _conversation.LastFailedRun))
            return ReadOnlySet<long>.Empty;

        await ReadRunsAsync(chunk, cancellationToken).ConfigureAwait(false);
        return RunRules.LeftOut(_runs ?? [], [.. chunk, .. Messages], _plan.Settings.FailedInputs);
    }

    /// <summary>Removes the messages of failed runs that were taken before it was known that those called no tool.</summary>
    private void RemoveFailed(IReadOnlySet<long> failed)
    {
        for (var i = Messages.Count - 1; i >= 0 && failed.Count > 0; i--)
        {
            if (!IsOf(Messages[i], failed))
                continue;

            if (!ShownContent.IsOmitted(Messages[i]))
                GiveBack(Messages[i]);
            LeaveOutFailed(Messages[i]);
            Messages.RemoveAt(i);
        }
    }

    private static bool IsOf(StoredMessage message, IReadOnlySet<long> runs) => runs.Count > 0 && message.RunNumber is { } run && runs.Contains(run);

    private void LeaveOutFailed(StoredMessage message)
    {
        IsExact = false;
        LeftOut++;
        (_excluded ??= []).Add(new ExcludedRange(ExclusionReason.FailedInput, message.Position, message.Position));
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

    /// <summary>The exchange that is taken, from its newest message to the oldest one so far.</summary>
    /// <param name="Oldest">The kind of the oldest message.</param>
    /// <param name="Length">The number of messages, with those within it that are left out.</param>
    /// <param name="ResultTokens">The tokens of the results, also if they are left out.</param>
    /// <param name="IsLeftOut">Whether the whole exchange is left out.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct TakenExchange(MessageKind? Oldest, int Length, long ResultTokens, bool IsLeftOut)
    {
        /// <summary>Returns the exchange with the next older message, or the one that it ends.</summary>
        public TakenExchange With(MessageKind kind, long tokens)
        {
            var results = kind == MessageKind.ToolResult ? tokens : 0;
            return Continues(kind)
                ? this with { Oldest = kind, Length = Length + 1, ResultTokens = ResultTokens + results }
                : new TakenExchange(kind, Length: 1, results, IsLeftOut: false);
        }

        private bool Continues(MessageKind kind) =>
            kind == MessageKind.ToolResult ? Oldest == MessageKind.ToolResult : kind == MessageKind.ToolCall && Oldest is MessageKind.ToolResult or MessageKind.ToolCall;
    }
}
