using System.Diagnostics.Metrics;
using Conversations.Storage;
using Conversations.StoreSpecification;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Conversations.Sqlite.Tests;

/// <summary>What the store measures. Other stores are at work in the same process: what is looked at is what this thread writes.</summary>
public sealed class SqliteTelemetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly MeterListener _listener = new();
    private readonly SqliteSession _session;
    private readonly SqliteTransactions _transactions;
    private readonly List<string> _logged = [];
    private readonly List<(string Instrument, double Value, string Tags)> _measured = [];
    private Exception? _thrown;

    public SqliteTelemetryTests()
    {
        var opener = new SqliteOpener(new SqliteConnectionString(_folder.ConnectionString()), NullLogger.Instance);
        _session = opener.OpenWriter();
        _transactions = new SqliteTransactions(_session, opener.File, _time, new Logging(_logged));
        var thread = Environment.CurrentManagedThreadId;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ConversationTelemetry.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Remember(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Remember(instrument, value, tags));
        _listener.Start();

        void Remember(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (Environment.CurrentManagedThreadId != thread)
                return;
            if (_thrown is not null)
                throw _thrown;
            _measured.Add((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _transactions.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Commit_of_one_write_is_measured()
    {
        Run(Inserting(1), SqliteDurability.Process);

        _measured.Should().Equal(
            ("conversations.sqlite.commit.group_size", 1, "conversations.sqlite.durability=process"),
            ("conversations.sqlite.commit.duration", 0, "conversations.sqlite.durability=process"));
    }

    [Fact]
    public void Commit_of_a_group_is_measured_with_its_committed_writes()
    {
        Run([Queued(Inserting(1)), Queued(Inserting(2)), Queued(new Probe<bool>(_ => true, keep: false))]);

        _measured.Should().Equal(
            ("conversations.sqlite.commit.group_size", 2, "conversations.sqlite.durability=full"),
            ("conversations.sqlite.commit.duration", 0, "conversations.sqlite.durability=full"));
    }

    [Fact]
    public void Transaction_without_a_commit_is_not_measured()
    {
        Run(new Probe<bool>(_ => true, keep: false), SqliteDurability.Full);

        _measured.Should().BeEmpty();
    }

    [Fact]
    public void Commit_that_fails_is_measured_with_its_code_and_without_a_group()
    {
        // The transaction is over by the time that it is to be committed.
        var committing = () => Run(
            new Probe<bool>(session =>
            {
                session.Execute("COMMIT");
                _time.Advance(TimeSpan.FromSeconds(1));
                return true;
            }),
            SqliteDurability.Full);
        committing.Should().Throw<ConversationStoreException>();

        _measured.Should().Equal(("conversations.sqlite.commit.duration", 0, "conversations.sqlite.durability=full error.type=COMMIT_OUTCOME_UNKNOWN"));
    }

    [Fact]
    public async Task Commit_that_a_listener_throws_at_is_committed()
    {
        _thrown = new TimeoutException("What it says.");
        QueuedWrite<bool>[] together = [Queued(Inserting(2)), Queued(Inserting(3))];

        var alone = Run(Inserting(1), SqliteDurability.Process);
        Run([.. together]);

        alone.Should().BeTrue();
        (await together[0].Answer, await together[1].Answer).Should().Be((true, true));
        _logged.Should().ContainSingle().Which.Should().StartWith("Warning: ").And.Contain("System.TimeoutException").And.NotContain("What it says");
    }

    [Fact]
    public void Commit_that_fails_throws_its_own_exception_when_a_listener_throws()
    {
        _thrown = new TimeoutException();

        var committing = () => Run(
            new Probe<bool>(session =>
            {
                session.Execute("COMMIT");
                return true;
            }),
            SqliteDurability.Full);

        committing.Should().Throw<ConversationStoreException>().Which.Code.Should().Be("COMMIT_OUTCOME_UNKNOWN");
    }

    private bool Run(ISqliteWrite<bool> write, SqliteDurability durability)
    {
        _transactions.TryBegin(durability).Should().BeTrue();
        return _transactions.Run(write);
    }

    private void Run(List<QueuedWrite> writes)
    {
        _transactions.TryBegin(SqliteDurability.Full).Should().BeTrue();
        _transactions.Run(writes).Should().BeTrue();
    }

    private static QueuedWrite<bool> Queued(ISqliteWrite<bool> write) => new(write, SqliteDurability.Full, new BusyWait(TimeSpan.Zero), CancellationToken.None);

    private static Probe<bool> Inserting(int number) => new(session =>
    {
        session.Execute($"INSERT INTO scopes (session_id, project, agent, audience) VALUES ('{number}', 'p', 'a', 'u')");
        return true;
    });

    private sealed class Logging(List<string> logged) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logged.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}
