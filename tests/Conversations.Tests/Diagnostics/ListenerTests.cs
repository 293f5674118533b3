using System.Diagnostics;
using System.Diagnostics.Metrics;
using Conversations.Tests.Manager;
using Conversations.Tests.Turns;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Diagnostics;

public sealed class ListenerTestsInMemory : ListenerTests<InMemory>;

public sealed class ListenerTestsOnSqlite : ListenerTests<Sqlite>;

/// <summary>.NET calls listeners on the thread that records, and passes on their exceptions. A turn does not depend on them.</summary>
public abstract class ListenerTests<TStore> : TelemetryTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Theory]
    [InlineData("sample")]
    [InlineData("started")]
    [InlineData("stopped")]
    [InlineData("measured")]
    public async Task Turn_that_a_listener_throws_at_is_committed(string moment)
    {
        using var listener = new Thrower(Agent, [moment]);

        var first = await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);
        var second = await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);

        second.ConversationId.Should().Be(first.ConversationId);
        (await Alice.GetMessagesAsync(first.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().HaveCount(4);
        listener.Thrown.Should().BePositive();
    }

    [Theory]
    [InlineData("started")]
    [InlineData("stopped")]
    [InlineData("measured")]
    public async Task Span_of_a_turn_that_a_listener_throws_at_ends(string moment)
    {
        using var listener = new Thrower(Agent, [moment]);
        using var outer = TelemetryWatch.Host.StartActivity("request");

        await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);

        Watch.Turns(Agent).Should().ContainSingle().Which.GetTagItem("conversations.turn.outcome").Should().Be("completed");
        Activity.Current.Should().BeSameAs(outer);
    }

    [Fact]
    public async Task Turn_that_fails_throws_its_own_exception_when_a_listener_throws()
    {
        using var listener = new Thrower(Agent, ["sample", "measured"]);

        var failing = () => Alice.RunTurnAsync(Agent, "hello", (_, _) => throw new TimeoutException(), Cancellation);

        await failing.Should().ThrowAsync<TimeoutException>();
    }

    [Fact]
    public async Task Turns_of_every_kind_end_as_usual_when_a_listener_throws()
    {
        await using (var quiet = new FaultyStore(Store))
        await using (var store = new FaultyStore(Store))
        {
            await using var expected = new TurnsOfEveryKind(quiet, Time, Log, Watch, TelemetryWatch.NewAgent(), "something");
            await expected.RunAsync();
            await using var turns = new TurnsOfEveryKind(store, Time, Log, Watch, Agent, "something");
            using var listener = new Thrower(Agent, ["started", "stopped", "measured"]);

            await turns.RunAsync();

            turns.Thrown.Select(exception => exception.GetType()).Should().Equal(expected.Thrown.Select(exception => exception.GetType()));
            listener.Thrown.Should().BeGreaterThan(100);
        }
    }

    [Fact]
    public async Task Listener_that_throws_is_logged_once_with_the_type_alone()
    {
        using var listener = new Thrower(Agent, ["started", "stopped", "measured"]);

        await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);
        await Alice.RunTurnAsync(Agent, "hello", Answer, Cancellation);

        Log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Warning).Which.Text.Should().Contain(typeof(ListenerException).FullName).And.NotContain("What it says");
        Log.Exceptions.Should().BeEmpty();
    }

    /// <summary>Listens to one agent's turns, and throws at certain moments.</summary>
    private sealed class Thrower : IDisposable
    {
        private readonly string _agent;
        private readonly string[] _moments;
        private readonly ActivityListener _spans;
        private readonly MeterListener _measurements;
        private int _thrown;

        public Thrower(string agent, string[] moments)
        {
            (_agent, _moments) = (agent, moments);
            _spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name == ConversationTelemetry.SourceName,
                Sample = Sample,
                ActivityStarted = span => ThrowAt("started", span.TagObjects),
                ActivityStopped = span => ThrowAt("stopped", span.TagObjects),
            };
            _measurements = new MeterListener
            {
                InstrumentPublished = (instrument, listener) =>
                {
                    if (instrument.Meter.Name == ConversationTelemetry.MeterName)
                        listener.EnableMeasurementEvents(instrument);
                },
            };
            _measurements.SetMeasurementEventCallback<long>((_, _, tags, _) => ThrowAt("measured", tags.ToArray()));
            _measurements.SetMeasurementEventCallback<double>((_, _, tags, _) => ThrowAt("measured", tags.ToArray()));
            _measurements.Start();
            ActivitySource.AddActivityListener(_spans);
        }

        public int Thrown => Volatile.Read(ref _thrown);

        public void Dispose()
        {
            _spans.Dispose();
            _measurements.Dispose();
        }

        private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
        {
            ThrowAt("sample", options.Tags ?? []);
            return ActivitySamplingResult.AllDataAndRecorded;
        }

        private void ThrowAt(string moment, IEnumerable<KeyValuePair<string, object?>> tags)
        {
            if (!_moments.Contains(moment, StringComparer.Ordinal) || !tags.Any(tag => _agent.Equals(tag.Value)))
                return;

            Interlocked.Increment(ref _thrown);
            throw new ListenerException();
        }
    }

    private sealed class ListenerException() : Exception("What it says.");
}
