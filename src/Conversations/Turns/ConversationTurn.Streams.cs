using System.Runtime.CompilerServices;

namespace Conversations;

public sealed partial class ConversationTurn
{
    private TurnStream? _stream;

    /// <summary>The id that the message which is added next will have, by <see cref="Add"/> or a stream: a reader can be told before the first word. <see langword="null"/> if nothing is stored.</summary>
    public string? NextMessageId => _session is null ? null : ConversationIds.Message(_session.ConversationId, NextPosition);

    private long NextPosition => _lastPosition + _added.Count + 1;

    /// <summary>Adds what the assistant says piece by piece. See <see cref="StreamAsync{T}(IAsyncEnumerable{T}, Func{T, ConversationMessage?}, CancellationToken)"/>.</summary>
    /// <param name="text">The pieces of the text.</param>
    /// <param name="cancellationToken">Cancels the source.</param>
    /// <returns>The pieces, passed on as they come.</returns>
    public IAsyncEnumerable<string> StreamAsync(IAsyncEnumerable<string> text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fragments = new TextFragments();
        return StreamAsync(text, fragments.Next, fragments.Rest, cancellationToken);
    }

    /// <summary>Adds what comes piece by piece: each is passed on at once, and saved a little later together with others, so that it can be followed from any process while it
    /// comes and survives the death of this one. The commit writes the finished messages.</summary>
    /// <remarks>
    /// <para>The source is read from the first enumeration on, and to its end: a reader who leaves does not stop it, and the commit waits for it. Until then nothing else can be added. If it
    /// fails or is cancelled, what has come is added, marked partial, and the exception goes to the reader, or to <see cref="CommitAsync"/> if that has left.</para>
    /// <para>A message ends where the role of the pieces changes; texts that follow one another become one. Enumerate it once.</para>
    /// </remarks>
    /// <typeparam name="T">What the source gives.</typeparam>
    /// <param name="updates">The source.</param>
    /// <param name="fragmentOf">Which piece of a message it is, an assistant's or a tool's; <see langword="null"/> for none. It may be called on another thread. A text must not end with half a surrogate pair.</param>
    /// <param name="cancellationToken">Cancels the source.</param>
    /// <returns>The updates, passed on as they come.</returns>
    /// <exception cref="InvalidOperationException">The turn is over, or a replay, or another stream of it has not ended; thrown when the enumeration begins.</exception>
    public IAsyncEnumerable<T> StreamAsync<T>(IAsyncEnumerable<T> updates, Func<T, ConversationMessage?> fragmentOf, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(updates);
        ArgumentNullException.ThrowIfNull(fragmentOf);
        return StreamAsync(updates, fragmentOf, rest: null, cancellationToken);
    }

    private async IAsyncEnumerable<T> StreamAsync<T>(
        IAsyncEnumerable<T> updates, Func<T, ConversationMessage?> fragmentOf, Func<ConversationMessage?>? rest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfOver();
        Adopt();
        var stream = _stream = new TurnStream(OpenSaver(), NextPosition, _timeProvider);
        var reader = stream.Start(updates, fragmentOf, rest, cancellationToken);
        try
        {
            while (await IsMoreAsync().ConfigureAwait(false))
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

        async ValueTask<bool> IsMoreAsync()
        {
            try
            {
                return await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                stream.IsTold = true;
                throw;
            }
        }
    }

    /// <summary>What saves the turn's messages while it is running. What was added before comes first.</summary>
    private StreamSaver? OpenSaver()
    {
        if (_session is not { Saver: null })
            return _session?.Saver;

        _session.OpenStream(_plan);
        if (_session.Saver is { } saver)
        {
            foreach (var message in _added)
                _ = saver.SaveAsync(message);
        }

        return _session.Saver;
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
        catch (Exception) when (stream.Completion.IsCompleted && stream.IsTold)
        {
            // The reader has it.
        }
        catch when (stream.Completion.IsCompleted)
        {
            stream.IsTold = true;
            throw;
        }

        Adopt();
    }

    /// <summary>Adds what has come of a stream that has ended.</summary>
    /// <exception cref="InvalidOperationException">It has not.</exception>
    private void Adopt()
    {
        if (_stream is null)
            return;
        if (!_stream.Completion.IsCompleted)
            throw new InvalidOperationException("A stream of the turn has not ended.");

        StopStream();
    }

    private void StopStream()
    {
        if (_stream is not { } stream)
            return;

        _stream = null;
        var isWhole = stream.Completion.IsCompletedSuccessfully;
        foreach (var message in stream.Close())
            Append(message, isPartial: !isWhole);

        // The source is the host's code: nobody waits until it has stopped.
        _ = stream.DisposeAsync().AsTask();
    }
}
