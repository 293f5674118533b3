using System.Diagnostics.Metrics;
using Conversations.Storage;
using Conversations.StoreSpecification;
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
    private readonly List<(string Instrument, double Value, string Tags)> _measured = [];

    public SqliteTelemetryTests()
    {
        _session = new SqliteOpener(new SqliteConnectionString(_folder.ConnectionString()), TimeSpan.Zero, NullLogger.Instance).OpenWriter();
        _transactions = new SqliteTransactions(_session, _time);
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
            if (Environment.CurrentManagedThreadId == thread)
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
        _transactions.Run(Inserting(1), SqliteDurability.Process);

        _measured.Should().Equal(
            ("conversations.sqlite.commit.group_size", 1, "conversations.sqlite.durability=process"),
            ("conversations.sqlite.commit.duration", 0, "conversations.sqlite.durability=process"));
    }

    [Fact]
    public void Commit_of_a_group_is_measured_with_the_writes_that_it_keeps()
    {
        _transactions.Run([Queued(Inserting(1)), Queued(Inserting(2)), Queued(new Probe<bool>(_ => true, keep: false))]);

        _measured.Should().Equal(
            ("conversations.sqlite.commit.group_size", 2, "conversations.sqlite.durability=full"),
            ("conversations.sqlite.commit.duration", 0, "conversations.sqlite.durability=full"));
    }

    [Fact]
    public void Transaction_without_a_commit_is_not_measured()
    {
        _transactions.Run(new Probe<bool>(_ => true, keep: false), SqliteDurability.Full);

        _measured.Should().BeEmpty();
    }

    [Fact]
    public void Commit_that_fails_is_measured_with_its_code_and_without_a_group()
    {
        // The transaction is over by the time that it is to be committed.
        var committing = () => _transactions.Run(
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

    private static QueuedWrite<bool> Queued(ISqliteWrite<bool> write) => new(write, SqliteDurability.Full);

    private static Probe<bool> Inserting(int number) => new(session =>
    {
        session.Execute($"INSERT INTO scopes (session_id, project, agent, audience) VALUES ('{number}', 'p', 'a', 'u')");
        return true;
    });
}
