using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

/// <summary>Reads what regenerating and restoring need: a message, its input, and the position of the answer.</summary>
internal sealed class BranchReader(IConversationStore store, ConversationAccess access)
{
    private const int Chunk = 64;
    private const int LongestPart = 1_000;

    /// <summary>Reads a message of an existing conversation.</summary>
    /// <exception cref="ConversationNotFoundException">The message does not exist.</exception>
    public async Task<StoredMessage> FindMessageAsync(string conversationId, long position, CancellationToken cancellationToken) =>
        await ReadAsync(conversationId, new MessageSpan(position, 1), cancellationToken).ConfigureAwait(false) is [var message]
            ? message
            : throw new ConversationNotFoundException(ConversationIds.Message(conversationId, position));

    /// <summary>Reads the current messages through a position, as of one moment. A long history is read in parts, so that other reads come in between, and again if it was changed meanwhile.</summary>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist.</exception>
    public async Task<IReadOnlyList<StoredMessage>> ReadCurrentAsync(string conversationId, long position, CancellationToken cancellationToken)
    {
        var range = new MessageRange { ConversationId = conversationId, Access = access, CurrentOnly = true, Before = position + 1, Limit = (int)Math.Min(position, LongestPart) };
        if (position <= LongestPart)
            return await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);

        for (var revision = await ReadRevisionAsync(conversationId, cancellationToken).ConfigureAwait(false); ;)
        {
            var messages = await store.ReadAllAsync(range, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            var after = await ReadRevisionAsync(conversationId, cancellationToken).ConfigureAwait(false);
            if (after == revision)
                return messages;
            revision = after;
        }
    }

    /// <summary>Finds the input that a message answers, or of which it is a part.</summary>
    /// <exception cref="ArgumentException">The message has no user message before it.</exception>
    /// <exception cref="ConversationNotFoundException">The input was deleted.</exception>
    /// <exception cref="MessageSupersededException">The input is superseded.</exception>
    /// <exception cref="ConversationStoreException">The input is damaged (<c>STORE_CORRUPT</c>).</exception>
    public async Task<IReadOnlyList<StoredMessage>> FindInputAsync(StoredMessage message, string parameter, CancellationToken cancellationToken)
    {
        var conversationId = message.ConversationId!;
        if (message.RunNumber is { } number && await store.FindRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false) is { Run: { } run })
            return Readable(await ReadInputAsync(run, cancellationToken).ConfigureAwait(false));

        var candidate = await FindUserBeforeAsync(message, cancellationToken).ConfigureAwait(false) ?? throw new ArgumentException("The message has no user message before it. Pass the id of a user message, or of a message after one.", parameter);
        return candidate.IsSuperseded ? throw new MessageSupersededException(candidate.Id!) : Readable([candidate]);
    }

    /// <summary>Finds how a superseded message is restored.</summary>
    /// <exception cref="ConversationNotFoundException">The run that superseded it, or a message on which it depends, was deleted.</exception>
    /// <exception cref="MessageSupersededException">A message on which it depends is superseded.</exception>
    public async Task<(IReadOnlyList<StoredMessage> Input, RestoreRule Rule)> FindRestoringAsync(StoredMessage message, CancellationToken cancellationToken)
    {
        var conversationId = message.ConversationId!;
        var superseder = await store.FindRunAsync(conversationId, message.SupersededBy!.Value, access, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(message.Id!);
        var input = await FindAllAsync(conversationId, superseder.Run.Input(), cancellationToken).ConfigureAwait(false);
        var rule = TurnRules.RestoreRuleOf(superseder, input);
        if (rule.MustBeRestoredFirst is { } first)
            throw new MessageSupersededException(first);
        if (rule.MustBeCurrent is { } place && await FindMessageAsync(conversationId, place, cancellationToken).ConfigureAwait(false) is { IsSuperseded: true, Id: var replaced })
            throw new MessageSupersededException(replaced!);

        // A single message returns to its place, so what it answers must be there.
        if (rule is { From: null, IsFromAnswer: false } && message.RunNumber is { } number && await store.FindRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false) is { Run: { } run })
        {
            var answered = await ReadAsync(conversationId, run.Input(), cancellationToken).ConfigureAwait(false);
            if (message.Position > run.Input().End && answered.FirstOrDefault(static message => message.IsSuperseded) is { } superseded)
                throw new MessageSupersededException(superseded.Id!);
        }

        return (input, rule);
    }

    /// <summary>Decides how a superseded message is restored, in the turn that restores it.</summary>
    /// <param name="message">The message as it was before the turn.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>Null if it is current now, or what it depends on has changed.</returns>
    public async Task<BranchChange?> RestoreAsync(StoredMessage message, CancellationToken cancellationToken)
    {
        var conversationId = message.ConversationId!;
        var now = await ReadAsync(conversationId, new MessageSpan(message.Position, 1), cancellationToken).ConfigureAwait(false);
        if (now is not [{ SupersededBy: { } by }] || by != message.SupersededBy)
            return null;

        try
        {
            var (input, rule) = await FindRestoringAsync(now[0], cancellationToken).ConfigureAwait(false);
            var span = new MessageSpan(input[0].Position, input.Count);
            return new BranchChange { SupersedeFrom = rule.IsFromAnswer ? await FindReplacedAsync(conversationId, span, by, cancellationToken).ConfigureAwait(false) : rule.From, Restore = by };
        }
        catch (ConversationException refusal) when (refusal is MessageSupersededException or ConversationNotFoundException)
        {
            // Another turn has changed the branch before this one began. The caller reads it again, and is refused then.
            return null;
        }
    }

    /// <summary>Reads the input of a run, all of which must be current.</summary>
    /// <exception cref="ConversationNotFoundException">A message of it was deleted.</exception>
    /// <exception cref="MessageSupersededException">A message of it is superseded.</exception>
    public async Task<IReadOnlyList<StoredMessage>> ReadInputAsync(ConversationRun run, CancellationToken cancellationToken)
    {
        var input = await FindAllAsync(run.ConversationId, run.Input(), cancellationToken).ConfigureAwait(false);
        return input.FirstOrDefault(message => message.IsSuperseded) is { } superseded ? throw new MessageSupersededException(superseded.Id!) : input;
    }

    /// <summary>Finds what to read for a caller that has the messages up to a position: what is new, and what was superseded or restored.</summary>
    /// <remarks>It ends at the last message of this moment. A run that supersedes some of it while it is read, page by page, is then later than the last message that the caller has, so the next query finds it.</remarks>
    /// <exception cref="ConversationNotFoundException">The conversation does not exist or is out of reach.</exception>
    public async Task<ChangedMessages> FindChangedAsync(string conversationId, long known, CancellationToken cancellationToken)
    {
        var conversation = await FindConversationAsync(conversationId, cancellationToken).ConfigureAwait(false);
        var after = known == 0 || conversation.HistoryRevision == 0 ? known : await FindChangedAfterAsync(conversationId, known, cancellationToken).ConfigureAwait(false);
        return new ChangedMessages(after, conversation.Conversation.LastPosition);
    }

    private async Task<long> FindChangedAfterAsync(string conversationId, long known, CancellationToken cancellationToken)
    {
        var lastRun = await FindRunBeforeAsync(conversationId, known, cancellationToken).ConfigureAwait(false);
        var range = new RunRange { ConversationId = conversationId, Access = access, After = lastRun, Limit = Chunk };
        var changed = known;
        while (true)
        {
            var runs = await store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false);
            changed = runs.Aggregate(changed, static (first, run) => Math.Min(first, (run.ChangesFrom() ?? long.MaxValue) - 1));
            if (runs.Count < range.Limit)
                return changed;

            range = range with { Before = runs[^1].Run.Number };
        }
    }

    /// <summary>Finds the last run whose changes a caller has that has the messages up to a position; 0 if there is none.</summary>
    private async Task<long> FindRunBeforeAsync(string conversationId, long known, CancellationToken cancellationToken)
    {
        var range = new MessageRange { ConversationId = conversationId, Access = access, Before = Math.Min(known, long.MaxValue - 1) + 1, NewestFirst = true, Limit = 1 };
        if (await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false) is not [{ RunNumber: { } number } last])
            return 0;

        // A run supersedes when it appends its output. Its input can have been read before.
        var run = await store.FindRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false);
        return run is { Run: { OutputCount: > 0 } ended } && last.Position >= ended.OutputPosition ? number : number - 1;
    }

    private async Task<IReadOnlyList<StoredMessage>> FindAllAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken) =>
        await ReadAsync(conversationId, span, cancellationToken).ConfigureAwait(false) is { Count: > 0 } found
            ? found
            : throw new ConversationNotFoundException(ConversationIds.Message(conversationId, span.Position));

    private async Task<long> ReadRevisionAsync(string conversationId, CancellationToken cancellationToken) =>
        (await FindConversationAsync(conversationId, cancellationToken).ConfigureAwait(false)).HistoryRevision;

    private async Task<StoredConversation> FindConversationAsync(string conversationId, CancellationToken cancellationToken) =>
        await store.FindAsync(conversationId, access, cancellationToken).ConfigureAwait(false) ?? throw new ConversationNotFoundException(conversationId);

    /// <summary>Finds where the current answer to some input begins [4.9].</summary>
    /// <returns>The position; null if there is no answer.</returns>
    public async Task<long?> FindAnswerAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken)
    {
        var isImported = await ReadAsync(conversationId, span, cancellationToken).ConfigureAwait(false) is [{ RunNumber: null }, ..];
        var scan = new AnswerScan(span, isImported);
        await foreach (var (message, run) in ReadWithRunsAfterAsync(conversationId, span.End, cancellationToken).ConfigureAwait(false))
        {
            if (scan.Accept(message, run))
                break;
        }

        return scan.Position;
    }

    /// <summary>Finds the partial output of runs on some input, if nothing else follows it [4.10]. A new answer supersedes it there.</summary>
    /// <returns>The position of the first message; null if there is none, or others have added messages since.</returns>
    public async Task<long?> FindHalfDoneAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken)
    {
        long? first = null;
        await foreach (var (message, run) in ReadWithRunsAfterAsync(conversationId, span.End, cancellationToken).ConfigureAwait(false))
        {
            if (run?.IsPartialAnswerTo(span) is not true)
                return null;

            first ??= message.Position;
        }

        return first;
    }

    /// <summary>Finds where an answer begins that a restored one replaces: the current answer to the input, or the first message after it that the run superseded.</summary>
    private async Task<long> FindReplacedAsync(string conversationId, MessageSpan span, long by, CancellationToken cancellationToken)
    {
        var superseded = await FindSupersededAsync(conversationId, span, by, cancellationToken).ConfigureAwait(false);
        return Math.Min(superseded, await FindAnswerAsync(conversationId, span, cancellationToken).ConfigureAwait(false) ?? long.MaxValue);
    }

    /// <summary>Finds the first message after some input that a run superseded.</summary>
    /// <returns>The position; <see cref="long.MaxValue"/> if there is none.</returns>
    private async Task<long> FindSupersededAsync(string conversationId, MessageSpan span, long by, CancellationToken cancellationToken)
    {
        await foreach (var message in ReadAfterAsync(conversationId, span.End, currentOnly: false, cancellationToken).ConfigureAwait(false))
        {
            if (message.SupersededBy == by)
                return message.Position;
        }

        return long.MaxValue;
    }

    /// <summary>Reads the messages at consecutive positions; empty unless each position has one.</summary>
    public ValueTask<IReadOnlyList<StoredMessage>> ReadAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken) =>
        store.ReadSpanAsync(conversationId, span, access, cancellationToken);

    private static IReadOnlyList<StoredMessage> Readable(IReadOnlyList<StoredMessage> input) =>
        input.FirstOrDefault(message => message.IsDamaged) is { } damaged
            ? throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, $"The message {damaged.Id} is damaged and cannot be read.")
            : input;

    /// <summary>Imported messages have no run that names their input: the input is the last user message before them.</summary>
    private async Task<StoredMessage?> FindUserBeforeAsync(StoredMessage message, CancellationToken cancellationToken)
    {
        var range = new MessageRange { ConversationId = message.ConversationId!, Access = access, NewestFirst = true, Before = message.Position + 1, Limit = Chunk };
        await foreach (var candidate in store.ReadAllAsync(range, cancellationToken).ConfigureAwait(false))
        {
            if (candidate.CanBeAnswered())
                return candidate;
        }

        return null;
    }

    /// <summary>Reads the current messages after a position, each with its run; null if it has none, or the run no longer exists.</summary>
    private async IAsyncEnumerable<(StoredMessage Message, ConversationRun? Run)> ReadWithRunsAfterAsync(
        string conversationId, long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (long? Number, ConversationRun? Run) last = (null, null);
        await foreach (var message in ReadAfterAsync(conversationId, position, currentOnly: true, cancellationToken).ConfigureAwait(false))
        {
            if (message.RunNumber != last.Number)
                last = (message.RunNumber, message.RunNumber is { } number ? (await store.FindRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false))?.Run : null);
            yield return (message, last.Run);
        }
    }

    private IAsyncEnumerable<StoredMessage> ReadAfterAsync(string conversationId, long position, bool currentOnly, CancellationToken cancellationToken) =>
        store.ReadAllAsync(new MessageRange { ConversationId = conversationId, Access = access, After = position, CurrentOnly = currentOnly, Limit = Chunk }, cancellationToken);
}
