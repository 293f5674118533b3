using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Conversations;

public sealed partial class ConversationTurn
{
    private TurnStream? _stream;

    /// <summary>The id that the message which is added next will have, by <see cref="Add"/> or a stream: a reader can be told before the first word. <see langword="null"/> if nothing is stored.</summary>
    /// <remarks>Of a stream that is running, the messages that have begun count as added, so the source and the function of a stream can tell the id of each. If the turn fails and its output is not kept (<see cref="AgentOptions.KeepPartialOutput"/>), the next message of the conversation has it.</remarks>
    public string? NextMessageId => _session is null ? null : ConversationIds.Message(_session.ConversationId, NextPosition + (_stream?.Begun ?? 0));

    /// <summary>What cancels the agent at work, which its streams stop for, too.</summary>
    internal CancellationToken AgentToken { get; set; }

    private long NextPosition => _lastPosition + _added.Count + 1;

    /// <summary>Adds what the assistant says piece by piece. See <see cref="StreamAsync{T}(IAsyncEnumerable{T}, Func{T, ConversationMessage?}, CancellationToken)"/>.</summary>
    /// <param name="text">The pieces of the text. A character that is cut in two between pieces is put together again.</param>
    /// <param name="cancellationToken">Stops the source. Within <c>RunTurnAsync</c> the agent's token does that anyway.</param>
    /// <returns>The pieces, passed on as they come.</returns>
    /// <exception cref="InvalidOperationException">As there; thrown when the enumeration begins.</exception>
    public IAsyncEnumerable<string> StreamAsync(IAsyncEnumerable<string> text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fragments = new TextFragments();
        return StreamAsync(new OneReading<string>(text), new StreamReading<string>(fragments.Next) { Rest = fragments.Rest }, cancellationToken);
    }

    /// <summary>Adds what comes piece by piece: each is passed on at once, and saved a little later together with others, so that it can be followed from any process while it
    /// comes and survives the death of this one. The commit writes the finished messages.</summary>
    /// <remarks>
    /// <para>Nothing happens before it is enumerated, which can be done once. From then on the source is read to its end: a reader who leaves the loop, or whose token
    /// (<c>WithCancellation</c>) is cancelled, does not stop it, and the commit waits for it. Until then nothing else can be added. If it fails or is stopped, what has come is added,
    /// marked partial, and the exception goes to the reader, or to <see cref="CommitAsync"/> if that has left.</para>
    /// <para>A message ends where the role of the pieces changes; texts that follow one another become one, and so does reasoning, anything else is a part of its own: a tool call comes whole.
    /// Text with metadata stands alone; protected data or metadata ends a reasoning. Of the pieces of a message the last with metadata gives it that.</para>
    /// </remarks>
    /// <typeparam name="T">What the source gives.</typeparam>
    /// <param name="updates">The source.</param>
    /// <param name="fragmentOf">Which piece of a message it is, an assistant's or a tool's; <see langword="null"/> for none. It may be called on another thread. A text must not end with half a surrogate pair.</param>
    /// <param name="cancellationToken">Stops the source. Within <c>RunTurnAsync</c> the agent's token does that anyway.</param>
    /// <returns>The updates, passed on as they come.</returns>
    /// <exception cref="InvalidOperationException">The turn is over, or a replay, another stream of it has not ended, or this one was enumerated before; thrown when the enumeration begins.</exception>
    public IAsyncEnumerable<T> StreamAsync<T>(IAsyncEnumerable<T> updates, Func<T, ConversationMessage?> fragmentOf, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(fragmentOf);
        return StreamAsync(new OneReading<T>(updates), new StreamReading<T>(fragmentOf), cancellationToken);
    }

    /// <summary>Adds what comes piece by piece, of a source that says where a message begins. See <see cref="StreamAsync{T}(IAsyncEnumerable{T}, Func{T, ConversationMessage?}, CancellationToken)"/>.</summary>
    /// <typeparam name="T">What the source gives.</typeparam>
    /// <param name="updates">The source.</param>
    /// <param name="fragmentOf">Which piece of a message it is; <see langword="null"/> for none.</param>
    /// <param name="startsMessage">Whether a piece begins another message, though its role is that of the piece before. It is asked after <paramref name="fragmentOf"/>, where that gave a piece.</param>
    /// <param name="cancellationToken">Stops the source.</param>
    /// <returns>The updates, passed on as they come.</returns>
    /// <exception cref="InvalidOperationException">As there; thrown when the enumeration begins.</exception>
    public IAsyncEnumerable<T> StreamAsync<T>(
        IAsyncEnumerable<T> updates, Func<T, ConversationMessage?> fragmentOf, Func<T, bool> startsMessage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(fragmentOf);
        ArgumentNullException.ThrowIfNull(startsMessage);
        return StreamAsync(new OneReading<T>(updates), new StreamReading<T>(fragmentOf) { StartsMessage = startsMessage }, cancellationToken);
    }

    /// <summary>Waits for a stream that its reader may have left, and adds what has come.</summary>
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
            // How it ended is told below.
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
        var stream = _stream = new TurnStream(OpenSaver(), NextPosition, _timeProvider, sourceToken, AgentToken);
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
            // The source has failed or is to stop, and the reader is being told: the turn goes on without it. (Else it is the reader who leaves.)
            EndStream(isWhole: false);
            throw;
        }
    }

    /// <summary>What saves the turn's messages while it is running. What was added before comes first.</summary>
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
            foreach (var message in _added)
                _ = saver.SaveAsync(message);
        }

        return _session.Saver;
    }

    /// <summary>Adds what has come of a stream that its reader has left and that has ended since.</summary>
    /// <exception cref="InvalidOperationException">It has not.</exception>
    private void Adopt()
    {
        if (_stream is null)
            return;
        if (!_stream.Completion.IsCompletedSuccessfully)
            throw new InvalidOperationException("A stream of the turn has not ended. CommitAsync waits for it.");

        EndStream(isWhole: true);
    }

    /// <summary>Adds what has come of the stream, and stops what is still to come.</summary>
    private void EndStream(bool isWhole, bool isCounted = true)
    {
        if (_stream is not { } stream)
            return;

        // The counter is the host's code. If it throws, nothing is lost: it is asked again, and at the end of a turn that fails anyway it is not.
        var messages = stream.Close().Select(message => isCounted ? message with { Tokens = PromptCost.Count(_plan.Limits.Counter, message) } : message).ToList();
        _stream = null;
        foreach (var message in messages)
            Append(message, isPartial: !isWhole);

        // The source is the host's code: nobody waits until it has stopped.
        _ = stream.DisposeAsync().AsTask();
    }

    /// <summary>A source, to be read once.</summary>
    private sealed class OneReading<T>(IAsyncEnumerable<T> source)
    {
        private int _isTaken;

        public IAsyncEnumerable<T> TakeAsync() =>
            Interlocked.Exchange(ref _isTaken, 1) == 0 ? source : throw new InvalidOperationException("A stream is enumerated once.");
    }
}
