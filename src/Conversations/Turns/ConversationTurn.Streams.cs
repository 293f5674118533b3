using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Conversations;

public sealed partial class ConversationTurn
{
    private TurnStream? _stream;

    // What the last stream that was read to its end has added.
    private Range _streamed;

    /// <summary>Gets the id of the next message that <see cref="Add"/> or a stream will add, so that a reader can get it before the first piece of text. <see langword="null"/> if the turn is not stored.</summary>
    /// <remarks>While a stream is running, its messages that have begun count as added, so its source and its function can read the id of each. If the turn fails and its output is not kept (<see cref="AgentOptions.KeepPartialOutput"/>), the next message of the conversation gets this id.</remarks>
    public string? NextMessageId => _session is null ? null : ConversationIds.Message(_session.ConversationId, NextPosition + (_stream?.Begun ?? 0));

    /// <summary>The token of the running agent, which its streams observe too.</summary>
    internal CancellationToken AgentToken { get; set; }

    private long NextPosition => _lastPosition + _added.Count + 1;

    /// <summary>Adds assistant text piece by piece. See <see cref="StreamAsync{T}(IAsyncEnumerable{T}, Func{T, ConversationMessage?}, Func{T, bool}, Func{ToolCallPart, string?}, CancellationToken)"/>.</summary>
    /// <param name="text">The pieces of the text. A surrogate pair that is split between pieces is joined.</param>
    /// <param name="cancellationToken">Stops the source. Within <c>RunTurnAsync</c>, the agent's token stops it as well.</param>
    /// <returns>The pieces, returned as they arrive.</returns>
    /// <exception cref="InvalidOperationException">The turn has ended, or is a replay, another stream of it is running, or this stream was enumerated before. Thrown when the enumeration begins.</exception>
    /// <exception cref="MessageTooLargeException">A message exceeds a limit of <see cref="ConversationOptions.Limits"/>. The source is stopped, and the output so far is added and marked partial.</exception>
    public IAsyncEnumerable<string> StreamAsync(IAsyncEnumerable<string> text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fragments = new TextFragments();
        return StreamAsync(new OneReading<string>(text), new StreamReading<string>(fragments.Next) { Rest = fragments.Rest }, cancellationToken);
    }

    /// <summary>Adds messages piece by piece. Each piece is returned at once and saved shortly afterwards together with others, so that any process can follow the run and the
    /// output survives a crash. The commit writes the complete messages.</summary>
    /// <remarks>
    /// <para>The source is read only when the stream is enumerated, which is possible once. From then on it is read to its end: if the reader leaves the loop, or its token
    /// (<c>WithCancellation</c>) is canceled, the source continues, and the commit waits for it. No other message can be added until the source has ended. If the source fails or is stopped, its output so far is added
    /// and marked partial. The exception is thrown to the reader, or by <see cref="CommitAsync"/> if the reader has left.</para>
    /// <para>A message ends when the role of the pieces changes. Consecutive texts are joined, and so is consecutive reasoning; every other part remains separate, and a tool call arrives complete.
    /// Text with metadata is not joined; protected data or metadata ends a reasoning part. A message gets the metadata of its last piece that has any.</para>
    /// </remarks>
    /// <typeparam name="T">The type of the updates.</typeparam>
    /// <param name="updates">The source.</param>
    /// <param name="fragmentOf">Returns the piece of an assistant or tool message that an update contains; <see langword="null"/> for none. It can be called on another thread. A text must not end within a surrogate pair.</param>
    /// <param name="startsMessage">Returns whether an update begins another message although its role is that of the previous piece. It is called after <paramref name="fragmentOf"/> has returned a piece. <see langword="null"/> if only a change of role begins a message.</param>
    /// <param name="metadataOfCall">Returns the metadata that a tool call of the stream is stored with, for what is known only after the call has arrived, such as that it was carried out. It gets the part that <paramref name="fragmentOf"/> returned, and is called when the source
    /// has ended or was stopped, perhaps more than once and while a stopped source still adds pieces. If it throws, the next commit calls it again. <see langword="null"/> if calls keep the metadata with which they arrived, as they do in a turn whose process dies.</param>
    /// <param name="cancellationToken">Stops the source. Within <c>RunTurnAsync</c>, the agent's token stops it as well.</param>
    /// <returns>The updates, returned as they arrive.</returns>
    /// <exception cref="InvalidOperationException">The turn has ended, or is a replay, another stream of it is running, or this stream was enumerated before. Thrown when the enumeration begins.</exception>
    /// <exception cref="MessageTooLargeException">A message exceeds a limit of <see cref="ConversationOptions.Limits"/>. The source is stopped, and the output so far is added and marked partial.</exception>
    public IAsyncEnumerable<T> StreamAsync<T>(
        IAsyncEnumerable<T> updates, Func<T, ConversationMessage?> fragmentOf, Func<T, bool>? startsMessage = null, Func<ToolCallPart, string?>? metadataOfCall = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(fragmentOf);
        return StreamAsync(new OneReading<T>(updates), new StreamReading<T>(fragmentOf) { StartsMessage = startsMessage, MetadataOfCall = metadataOfCall }, cancellationToken);
    }

    /// <summary>Waits for a stream that its reader may have left, and adds its output.</summary>
    internal async Task FinishStreamAsync(CancellationToken cancellationToken)
    {
        if (_stream is not { } stream)
            return;

        try
        {
            await stream.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (stream.Completion.IsCompleted)
        {
            // The result of the task is read below.
        }

        EndStream(isWhole: stream.Completion.IsCompletedSuccessfully);
        await stream.Completion.ConfigureAwait(false);
    }

    private async IAsyncEnumerable<T> StreamAsync<T>(
        OneReading<T> updates, StreamReading<T> reading, CancellationToken sourceToken,
        [EnumeratorCancellation] CancellationToken readerToken = default)
    {
        ThrowIfOver();
        Adopt();
        var source = updates.TakeAsync();
        var stream = new TurnStream(_plan.Settings.Sizes, OpenSaver(), NextPosition, _timeProvider, sourceToken, AgentToken);
        lock (_added)
        {
            ThrowIfOver();
            _stream = stream;
        }

        var reader = stream.Start(source, reading);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stream.Stopped, readerToken);
        try
        {
            while (await IsMoreAsync(stream, reader, either.Token).ConfigureAwait(false))
            {
                while (reader.TryRead(out var update))
                    yield return update;
            }
        }
        finally
        {
            stream.Leave();
        }

        await FinishStreamAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private async ValueTask<bool> IsMoreAsync<T>(TurnStream stream, ChannelReader<T> reader, CancellationToken either)
    {
        try
        {
            return await reader.WaitToReadAsync(either).ConfigureAwait(false);
        }
        catch when (reader.Completion.IsCompleted || stream.Stopped.IsCancellationRequested)
        {
            // The source has failed or was stopped, and the exception goes to the reader; the turn continues without the stream. Otherwise the reader is leaving.
            EndStream(isWhole: false);
            throw;
        }
    }

    /// <summary>Adds the text that a function returned as the assistant's message, unless it is the text that the function has just streamed.</summary>
    internal void AddReturned(string text)
    {
        ThrowIfOver();
        Adopt();
        var streamed = _added[_streamed];
        if (_streamed.End.Value != _added.Count || !(IsText(string.Concat(streamed.Select(message => message.Text))) || (streamed is [.., var last] && IsText(last.Text))))
            Add(ConversationMessage.Assistant(text));

        bool IsText(string other) => streamed.Count > 0 && other.AsSpan().Trim().SequenceEqual(text.AsSpan().Trim());
    }

    /// <summary>Gets what saves the output while the turn is running. Messages that were added earlier are saved first.</summary>
    private StreamSaver? OpenSaver()
    {
        if (_session is not { Saver: null })
        {
            _session?.Saver.Hurry();
            return _session?.Saver;
        }

        _session.OpenStream(_timeProvider);
        if (_session.Saver is { } saver)
        {
            foreach (var message in _added.OfType<StoredMessage>())
                _ = saver.SaveAsync(message);
        }

        return _session.Saver;
    }

    /// <summary>Adds the output of a stream that its reader has left and that has ended since.</summary>
    /// <exception cref="InvalidOperationException">The stream has not ended.</exception>
    private void Adopt()
    {
        if (_stream is null)
            return;
        if (!_stream.Completion.IsCompletedSuccessfully)
            throw new InvalidOperationException("A stream of the turn is running. Read it to its end before you add a message; CommitAsync waits for it.");

        EndStream(isWhole: true);
    }

    /// <summary>Adds the output of the stream so far, and stops the rest.</summary>
    private void EndStream(bool isWhole, bool isCounted = true)
    {
        if (_stream is not { } stream)
            return;

        // The token counter and the metadata of calls belong to the host. They are called outside the lock. If one throws, nothing is lost: the next commit calls it again, and the end of a failed turn does not call it.
        var messages = (isCounted ? stream.CloseWithMetadata() : stream.Close()).Select(message => (Message: message, Tokens: isCounted ? PromptCost.Count(_plan.Limits.Counter, message) : message.Tokens)).ToList();
        lock (_added)
        {
            // The manager can end the turn at the same time.
            if (_stream != stream)
                return;

            _stream = null;
            var first = _added.Count;
            foreach (var (message, tokens) in messages)
                Append(message, message.CreatedAt, tokens, isPartial: !isWhole);
            _streamed = isWhole ? first.._added.Count : default;
        }

        // The source belongs to the host, so the turn does not wait until it has stopped.
        _ = stream.DisposeAsync().AsTask();
    }

    /// <summary>A source that can be read once.</summary>
    private sealed class OneReading<T>(IAsyncEnumerable<T> source)
    {
        private int _isTaken;

        public IAsyncEnumerable<T> TakeAsync() =>
            Interlocked.Exchange(ref _isTaken, 1) == 0 ? source : throw new InvalidOperationException("The stream was enumerated before. Call StreamAsync again for another stream.");
    }
}
