using System.Threading.Channels;

namespace Conversations;

/// <summary>A stream that a turn adds. Its source is read to the end, even if the reader leaves.</summary>
internal sealed class TurnStream : IAsyncDisposable
{
    private readonly MessageDraft _draft;
    private readonly StreamSaver? _saver;
    private readonly long _firstPosition;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _stopped;
    private readonly MessageSize _sizes;
    private Func<ToolCallPart, string?>? _metadataOfCall;
    private volatile bool _isLeft;

    /// <summary>Initializes a stream that has not begun.</summary>
    /// <param name="sizes">The limits of each message.</param>
    /// <param name="saver">What saves the stream while it is running; null for nothing.</param>
    /// <param name="firstPosition">The position of its first message.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationTokens">The tokens that stop the source.</param>
    public TurnStream(MessageSize sizes, StreamSaver? saver, long firstPosition, TimeProvider timeProvider, params CancellationToken[] cancellationTokens)
    {
        _draft = new MessageDraft(sizes);
        _sizes = sizes;
        _saver = saver;
        _firstPosition = firstPosition;
        _timeProvider = timeProvider;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationTokens);
        _stopped = _stop.Token;
    }

    /// <summary>Gets a token that is canceled when the source must stop.</summary>
    public CancellationToken Stopped => _stopped;

    /// <summary>Gets a task that ends as the source does.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Gets how many messages have begun.</summary>
    public int Begun => _draft.Count;

    /// <summary>Begins to read the source on a thread of the pool, independent of the reader's thread.</summary>
    /// <returns>The updates, returned as they arrive.</returns>
    public ChannelReader<T> Start<T>(IAsyncEnumerable<T> updates, StreamReading<T> reading)
    {
        _metadataOfCall = reading.MetadataOfCall;
        var channel = Channel.CreateUnbounded<T>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Completion = Task.Run(() => ReadAsync(updates, reading, channel.Writer), CancellationToken.None);
        return channel.Reader;
    }

    /// <summary>Records that the reader has left: no more updates are passed on.</summary>
    public void Leave() => _isLeft = true;

    /// <summary>Takes the output so far. Later pieces are ignored.</summary>
    public IReadOnlyList<ConversationMessage> Close() => _draft.Close();

    /// <summary>Takes the output so far, with the metadata that its calls have now. Later pieces are ignored.</summary>
    /// <exception cref="MessageTooLargeException">The metadata exceed a limit.</exception>
    public IReadOnlyList<ConversationMessage> CloseWithMetadata() =>
        _metadataOfCall is { } metadataOf ? [.. Close().Select(message => WithMetadata(message, metadataOf))] : Close();

    /// <summary>Stops the source; if it ignores its token, at its next update. How it ends is ignored.</summary>
    public async ValueTask DisposeAsync()
    {
        _ = Completion.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await _stop.CancelAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ReadAsync<T>(IAsyncEnumerable<T> updates, StreamReading<T> reading, ChannelWriter<T> reader)
    {
        try
        {
            await foreach (var update in updates.WithCancellation(_stopped).ConfigureAwait(false))
            {
                _stopped.ThrowIfCancellationRequested();

                // First added and then passed on: what a reader has seen is kept, also if it stops the source at once.
                var saving = reading.FragmentOf(update) is { } fragment ? AddAsync(fragment, reading.StartsMessage?.Invoke(update) == true) : Task.CompletedTask;
                if (!_isLeft)
                    reader.TryWrite(update);
                await saving.ConfigureAwait(false);
            }

            if (reading.Rest?.Invoke() is { } rest)
                await AddAsync(rest, startsMessage: false).ConfigureAwait(false);
            reader.Complete();
        }
        catch (Exception exception)
        {
            reader.Complete(exception);
            throw;
        }
    }

    private ConversationMessage WithMetadata(ConversationMessage message, Func<ToolCallPart, string?> metadataOf)
    {
        if (!message.Parts.Any(static part => part is ToolCallPart))
            return message;

        var known = message with { Parts = [.. message.Parts.Select(part => part is ToolCallPart call ? call with { Metadata = metadataOf(call) } : part)] };
        _sizes.CheckMetadata(known);
        return known;
    }

    private Task AddAsync(ConversationMessage fragment, bool startsMessage)
    {
        if (fragment.Role is not (MessageRole.Assistant or MessageRole.Tool))
            throw new ArgumentException("The message is neither an assistant nor a tool message. Pass user messages as input of the request, or call ImportAsync.", nameof(fragment));

        var now = _timeProvider.GetUtcNow();
        return _draft.Add(fragment, startsMessage, now) is { } index && _saver is not null
            ? _saver.SaveAsync(new StoredMessage(fragment) { ConversationId = _saver.ConversationId, Position = _firstPosition + index, CreatedAt = now })
            : Task.CompletedTask;
    }
}
