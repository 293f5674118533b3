using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

/// <summary>Reads what is needed to answer again or to bring back: a message, what it answers, and where the answer stands.</summary>
internal sealed class BranchReader(IConversationStore store, ConversationAccess access)
{
    private const int Chunk = 64;

    /// <summary>Reads a message of a conversation that is there.</summary>
    /// <exception cref="ConversationNotFoundException">There is no such message.</exception>
    public async Task<ConversationMessage> FindMessageAsync(string conversationId, long position, CancellationToken cancellationToken) =>
        await ReadAsync(conversationId, new MessageSpan(position, 1), cancellationToken).ConfigureAwait(false) is [var message]
            ? message
            : throw new ConversationNotFoundException(ConversationIds.Message(conversationId, position));

    /// <summary>Finds what a message answers, or the input that it is part of.</summary>
    /// <exception cref="ArgumentException">No user's message stands before it.</exception>
    /// <exception cref="ConversationNotFoundException">It was deleted.</exception>
    /// <exception cref="MessageSupersededException">It is superseded.</exception>
    /// <exception cref="ConversationStoreException">It is damaged (<c>STORE_CORRUPT</c>).</exception>
    public async Task<IReadOnlyList<ConversationMessage>> FindInputAsync(ConversationMessage message, string parameter, CancellationToken cancellationToken)
    {
        var conversationId = message.ConversationId!;
        if (message.RunNumber is { } number && await store.GetRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false) is { } run)
            return Readable(await ReadInputAsync(run, cancellationToken).ConfigureAwait(false));

        var said = await FindUserBeforeAsync(message, cancellationToken).ConfigureAwait(false) ?? throw new ArgumentException("No user's message stands before it.", parameter);
        return said.IsSuperseded ? throw new MessageSupersededException(said.Id!) : Readable([said]);
    }

    /// <summary>Reads what a run answered, all of it current.</summary>
    /// <exception cref="ConversationNotFoundException">A message of it was deleted.</exception>
    /// <exception cref="MessageSupersededException">A message of it is superseded.</exception>
    public async Task<IReadOnlyList<ConversationMessage>> ReadInputAsync(ConversationRun run, CancellationToken cancellationToken)
    {
        var input = await ReadAsync(run.ConversationId, new MessageSpan(run.InputPosition, run.InputCount), cancellationToken).ConfigureAwait(false);
        if (input.Count == 0)
            throw new ConversationNotFoundException(ConversationIds.Message(run.ConversationId, run.InputPosition));
        return input.FirstOrDefault(message => message.IsSuperseded) is { } superseded ? throw new MessageSupersededException(superseded.Id!) : input;
    }

    /// <summary>Finds where the answer begins that some input has now: that of a run on it which was finished, or else what others left half done since somebody else spoke.</summary>
    /// <returns>The position; null if it has none.</returns>
    public async Task<long?> FindAnswerAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken)
    {
        var isImported = await ReadAsync(conversationId, span, cancellationToken).ConfigureAwait(false) is [{ RunNumber: null }, ..];
        long? halfDone = null;
        var isInterrupted = false;
        (long Number, bool Answers)? last = null;
        await foreach (var message in ReadAfterAsync(conversationId, span.End, currentOnly: true, cancellationToken).ConfigureAwait(false))
        {
            if (message.RunNumber is not { } number)
            {
                // What was brought in has no runs: an answer stands behind its question.
                if (isImported && message.Role != MessageRole.User)
                    return message.Position;
                isImported = false;
                isInterrupted = true;
                continue;
            }

            if (last?.Number != number)
            {
                var run = await store.GetRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false);
                last = (number, run?.InputPosition == span.Position);
                if (last.Value.Answers && run!.Outcome is RunStatus.Completed or RunStatus.RequiresAction)
                    return message.Position;
            }

            if (last.Value.Answers && (halfDone is null || isInterrupted))
                (halfDone, isInterrupted) = (message.Position, false);
            isInterrupted |= !last.Value.Answers;
        }

        return halfDone;
    }

    /// <summary>Finds what runs on some input left half done, if nothing else stands after it: there an answer takes its place.</summary>
    /// <returns>The position of the first message; null if there is none, or others have spoken since.</returns>
    public async Task<long?> FindHalfDoneAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken)
    {
        long? first = null;
        long? checkedRun = null;
        await foreach (var message in ReadAfterAsync(conversationId, span.End, currentOnly: true, cancellationToken).ConfigureAwait(false))
        {
            if (message.RunNumber is not { } number)
                return null;

            first ??= message.Position;
            if (number == checkedRun)
                continue;

            checkedRun = number;
            var run = await store.GetRunAsync(conversationId, number, access, cancellationToken).ConfigureAwait(false);
            if (run?.InputPosition != span.Position || run.Outcome is RunStatus.Completed or RunStatus.RequiresAction)
                return null;
        }

        return first;
    }

    /// <summary>Finds the first message after some input that a run superseded.</summary>
    /// <returns>The position; the highest number if there is none.</returns>
    public async Task<long> FindSupersededAsync(string conversationId, MessageSpan span, long by, CancellationToken cancellationToken)
    {
        await foreach (var message in ReadAfterAsync(conversationId, span.End, currentOnly: false, cancellationToken).ConfigureAwait(false))
        {
            if (message.SupersededBy == by)
                return message.Position;
        }

        return long.MaxValue;
    }

    /// <summary>Reads what stands at some positions; nothing unless something stands at each.</summary>
    public async Task<IReadOnlyList<ConversationMessage>> ReadAsync(string conversationId, MessageSpan span, CancellationToken cancellationToken)
    {
        if (span.Count < 1)
            return [];

        var range = new MessageRange { ConversationId = conversationId, Access = access, After = span.Position - 1, Limit = span.Count };
        var read = await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false);
        return read.Count == span.Count && read[^1].Position == span.End ? read : [];
    }

    private static IReadOnlyList<ConversationMessage> Readable(IReadOnlyList<ConversationMessage> input) =>
        input.FirstOrDefault(message => message.IsDamaged) is { } damaged
            ? throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, $"The message {damaged.Id} is damaged and cannot be read.")
            : input;

    /// <summary>Of imported messages no run tells what they answer: it is the last that a user said.</summary>
    private async Task<ConversationMessage?> FindUserBeforeAsync(ConversationMessage message, CancellationToken cancellationToken)
    {
        var range = new MessageRange { ConversationId = message.ConversationId!, Access = access, NewestFirst = true, After = message.Position + 1, Limit = Chunk };
        while (await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
        {
            if (read.FirstOrDefault(said => said is { Role: MessageRole.User, Kind: MessageKind.Message } or { Role: MessageRole.User, IsDamaged: true }) is { } found)
                return found;
            range = range with { After = read[^1].Position };
        }

        return null;
    }

    private async IAsyncEnumerable<ConversationMessage> ReadAfterAsync(
        string conversationId, long position, bool currentOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var range = new MessageRange { ConversationId = conversationId, Access = access, After = position, CurrentOnly = currentOnly, Limit = Chunk };
        while (await store.ReadMessagesAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
        {
            foreach (var message in read)
                yield return message;
            range = range with { After = read[^1].Position };
        }
    }
}
