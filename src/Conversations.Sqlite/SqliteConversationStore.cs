using Conversations.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conversations;

/// <summary>Keeps conversations in a SQLite database: one file, which several processes may use.</summary>
/// <remarks>
/// <para>The database is opened, and created or migrated if need be, at the first use. One connection writes, and those who
/// come meanwhile are written together; a few others read at the same time. A begin or a renewal does not wait for the disk; everything else is on it when it returns.</para>
/// <para>Safe from any thread. Cancellation takes effect while a call waits for a connection, not after.</para>
/// </remarks>
public sealed partial class SqliteConversationStore : IConversationStore
{
    private const int SmallWindow = 64;

    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly TimeProvider _timeProvider;
    private int _isDisposed;

    /// <summary>Makes a store. Nothing is opened yet.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="timeProvider">The clock; the system's if <see langword="null"/>.</param>
    /// <param name="logger">Where it logs; nowhere if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the connection string names no file or a database in memory.</exception>
    public SqliteConversationStore(SqliteConversationStoreOptions options, TimeProvider? timeProvider = null, ILogger<SqliteConversationStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        SqliteConversationStoreOptions.Validate(options);
        var connectionString = new SqliteConnectionString(options.ConnectionString);
        var opener = new SqliteOpener(connectionString, options.BusyTimeout, logger ?? NullLogger<SqliteConversationStore>.Instance);
        _timeProvider = timeProvider ?? TimeProvider.System;
        _writer = new SqliteWriter(opener, _timeProvider);
        _readers = new SqliteReaders(opener, options.ReaderCount);
    }

    /// <summary>Makes a store with the usual options. Nothing is opened yet.</summary>
    /// <param name="connectionString">The connection string: <c>Data Source=conversations.db</c>.</param>
    /// <param name="timeProvider">The clock; the system's if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The connection string names no file or a database in memory.</exception>
    public SqliteConversationStore(string connectionString, TimeProvider? timeProvider = null)
        : this(new SqliteConversationStoreOptions { ConnectionString = connectionString }, timeProvider)
    {
    }

    internal SqliteWriter Writer => _writer;

    internal SqliteReaders Readers => _readers;

    /// <inheritdoc/>
    public ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _writer.WriteAsync(new BeginTurnWrite(command), SqliteDurability.Process, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _writer.WriteAsync(new CommitTurnWrite(command), SqliteDurability.Full, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(TurnLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return _writer.WriteAsync(new RenewLeaseWrite(lease), SqliteDurability.Process, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        cancellationToken.ThrowIfCancellationRequested();

        // A turn reads its window right after it has begun. Where nobody else writes, the pages are still at hand there. A long one would keep those who write waiting.
        return query.Limit <= SmallWindow && _writer.TryRead(SqliteReads.Window, query, out var messages)
            ? messages
            : await ReadAsync(SqliteReads.Window, query, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ConversationMessage>> ReadMessagesAsync(MessageRange query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadAsync(SqliteReads.Messages, query, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return ReadAsync(SqliteReads.ById, (conversationId, access), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation?> GetCurrentAsync(ConversationScope scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return ReadAsync(SqliteReads.Current, scope, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadAsync(SqliteList.Read, query, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<ConversationRun?> GetRunAsync(string conversationId, long number, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return ReadAsync(SqliteReads.Run, (conversationId, number, access), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ConversationRun>> ListRunsAsync(RunListing query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return ReadAsync(SqliteReads.Runs, query, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation> CreateConversationAsync(CreateConversationCommand command, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        return _writer.WriteAsync(new CreateConversationWrite(command), SqliteDurability.Full, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<Conversation?> UpdateConversationAsync(string conversationId, ConversationAccess access, ConversationChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(change);
        return _writer.WriteAsync(new UpdateConversationWrite(conversationId, access, change), SqliteDurability.Full, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return _writer.WriteAsync(new DeleteConversationWrite(conversationId, access), SqliteDurability.Full, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteMessageAsync(string conversationId, long position, ConversationAccess access, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationId);
        ArgumentNullException.ThrowIfNull(access);
        return _writer.WriteAsync(new DeleteMessageWrite(conversationId, position, access), SqliteDurability.Full, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;

        // The writer last: whoever closes last checkpoints.
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
