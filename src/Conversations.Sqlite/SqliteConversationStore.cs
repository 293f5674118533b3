using Conversations.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conversations;

/// <summary>Stores conversations in a SQLite database: one file, which several processes can use.</summary>
/// <remarks>
/// <para>The database is opened, and created or migrated if necessary, at the first use. One connection writes, and writes that
/// arrive at the same time share a transaction; a few other connections read. A batch with <see cref="WriteDurability.Process"/> and segments do not wait for the disk;
/// everything else is on the disk when the call returns.</para>
/// <para>Thread-safe. No call blocks its thread while another process has the database locked. Cancellation takes effect while a call waits for a connection or for that lock.</para>
/// </remarks>
public sealed partial class SqliteConversationStore : IConversationStore
{
    private const int SmallWindow = 64;

    private readonly SqliteWriter _writer;
    private readonly LongWrite _longWrites;
    private readonly SqliteReaders _readers;
    private readonly TimeProvider _timeProvider;
    private int _isDisposed;

    /// <summary>Initializes a store. The database is not opened yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system clock.</param>
    /// <param name="logger">The logger; <see langword="null"/> for none.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the connection string is not valid, does not name a file, or names an in-memory database.</exception>
    public SqliteConversationStore(SqliteConversationStoreOptions options, TimeProvider? timeProvider = null, ILogger<SqliteConversationStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        SqliteConversationStoreOptions.Validate(options);
        var connectionString = new SqliteConnectionString(options.ConnectionString, options.BaseDirectory);
        var opener = new SqliteOpener(connectionString, logger ?? NullLogger<SqliteConversationStore>.Instance);
        _timeProvider = timeProvider ?? TimeProvider.System;
        _readers = new SqliteReaders(opener, options.BusyTimeout, options.ReaderCount);
        _writer = new SqliteWriter(opener, _readers, options.BusyTimeout, _timeProvider);
        _longWrites = new LongWrite(_writer);
    }

    /// <summary>Initializes a store with the default options. The database is not opened yet.</summary>
    /// <param name="connectionString">The connection string, such as <c>Data Source=conversations.db</c>.</param>
    /// <param name="timeProvider">The clock; <see langword="null"/> for the system clock.</param>
    /// <exception cref="ArgumentException">The connection string is not valid, does not name a file, or names an in-memory database.</exception>
    public SqliteConversationStore(string connectionString, TimeProvider? timeProvider = null)
        : this(new SqliteConversationStoreOptions { ConnectionString = connectionString }, timeProvider)
    {
    }

    internal SqliteWriter Writer => _writer;

    internal SqliteReaders Readers => _readers;

    /// <inheritdoc/>
    public async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lookup);
        cancellationToken.ThrowIfCancellationRequested();

        // A turn writes to what it has loaded. While nothing else is written, the writing connection has these pages in its cache. Reading a long window there would delay writes.
        return lookup.Window is null or { Messages: <= SmallWindow } && _writer.TryRead(SqliteLoad.Read, (lookup, _timeProvider), out var state)
            ? state
            : await ReadAsync(SqliteLoad.Read, (lookup, _timeProvider), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var durability = batch.Durability == WriteDurability.Process ? SqliteDurability.Process : SqliteDurability.Full;
        var write = new BatchWrite(batch);
        return write.Long is { } created
            ? _longWrites.RunAsync(write, created, durability, cancellationToken)
            : _writer.WriteAsync(write, durability, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        return ReadAsync(SqliteReads.Messages, range, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredRun>> ReadRunsAsync(RunRange range, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(range);
        return ReadAsync(SqliteReads.Runs, range, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing listing, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return ReadAsync(SqliteList.Read, listing, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return _writer.WriteAsync(new DeleteConversationWrite(conversationId, access), SqliteDurability.Full, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>It waits as a write does, and writes nothing.</remarks>
    public async ValueTask PingAsync(CancellationToken cancellationToken = default) =>
        await _writer.WriteAsync(new PingWrite(), SqliteDurability.Process, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;

        // The writer is closed last, because the last connection that is closed runs a checkpoint.
        await _readers.DisposeAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;

        _readers.Dispose();
        _writer.Dispose();
    }

    private async ValueTask<TResult> ReadAsync<TArgument, TResult>(Func<SqliteSession, TArgument, TResult> read, TArgument argument, CancellationToken cancellationToken)
    {
        await _writer.EnsureOpenAsync(cancellationToken).ConfigureAwait(false);
        return await _readers.ReadAsync(read, argument, cancellationToken).ConfigureAwait(false);
    }
}
