using System.Diagnostics;
using System.Reflection;
using Conversations.Tests.Architecture;
using Conversations.Tests.Manager;
using Conversations.Tests.Turns;

namespace Conversations.Tests.Diagnostics;

/// <summary><c>docs/telemetry.md</c> matches what OpenTelemetry records, on a store that records measurements.</summary>
public sealed class TelemetryPageTests : TelemetryTest<Sqlite>
{
    private const string Accept = "UPDATE_TELEMETRY";

    [Fact]
    public void Page_matches_the_code()
    {
        var path = Path.Combine(Repository.Root, "docs", "telemetry.md");
        var actual = TelemetryPage.Write();
        if (string.Equals(Environment.GetEnvironmentVariable(Accept), "1", StringComparison.Ordinal))
            File.WriteAllText(path, actual);

        var written = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";

        written.Split('\n').Should().Equal(actual.Split('\n'), "the page is written from the code. After a change on purpose, run the tests once with {0}=1 and commit docs/telemetry.md", Accept);
    }

    [Fact]
    public async Task Every_name_of_the_page_is_recorded_and_no_other()
    {
        await using (var store = new FaultyStore(Store))
        {
            await using var turns = new TurnsOfEveryKind(store, Time, Log, Watch, Agent, "something", recordContent: true);
            await turns.RunAsync();

            var spans = Watch.Spans.Where(span => span.Source.Name == ConversationTelemetry.SourceName && Agent.Equals(span.GetTagItem("gen_ai.agent.name"))).ToList();
            SeenOn(spans).Should().BeEquivalentTo(TelemetryPage.Spans.ToDictionary(span => span.Key.Replace("{agent}", Agent, StringComparison.Ordinal), span => span.Value.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal));

            // A commit of the database that fails is brought about in the tests of the store.
            var seen = SeenIn(Watch.Points);
            seen["conversations.sqlite.commit.duration"].Add("error.type");
            seen.Should().BeEquivalentTo(TelemetryPage.Tags.ToDictionary(tags => tags.Key, tags => tags.Value.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Every_outcome_of_the_page_is_recorded()
    {
        await using var store = new FaultyStore(Store);
        await using var turns = new TurnsOfEveryKind(store, Time, Log, Watch, Agent, "something");
        await turns.RunAsync();

        Values(Watch.Turns(Agent), "conversations.turn.outcome").Should().BeEquivalentTo("completed", "waiting", "failed", "cancelled", "lease_lost", "replayed", "refused");
        Values(Watch.Named("conversations.lock.wait", Agent), "conversations.lock.outcome").Should().BeEquivalentTo("acquired", "replayed", "locked", "cancelled");
        Values(Watch.Named("conversations.summarize", Agent), "conversations.summary.outcome").Should().Contain(["saved", "blank", "too_large", "failed"]).And.BeSubsetOf(["saved", "outdated", "blank", "too_large", "failed"]);
    }

    [Fact]
    public void Every_instrument_of_the_page_is_declared_once()
    {
        TelemetryPage.Instruments().Select(instrument => instrument.Name).Should().Equal(TelemetryPage.Tags.Keys);
        TelemetryPage.Instruments().Should().OnlyContain(instrument => instrument.Unit != null && instrument.Description != null);
    }

    [Theory]
    [InlineData("Conversations", "Conversations.Log")]
    [InlineData("Conversations.Sqlite", "Conversations.Storage.SqliteLog")]
    public void Every_log_event_has_a_unique_id_and_name(string assembly, string type)
    {
        var events = TelemetryPage.Events(Assembly.Load(assembly).GetType(type, throwOnError: true)!);

        events.Select(entry => entry.EventId).Should().Equal(Enumerable.Range(1, events.Count));
        events.Select(entry => entry.EventName).Should().OnlyHaveUniqueItems().And.NotContainNulls();
    }

    private static IEnumerable<string?> Values(IEnumerable<Activity> spans, string name) => spans.Select(span => (string?)span.GetTagItem(name)).Distinct(StringComparer.Ordinal);

    private static Dictionary<string, HashSet<string>> SeenOn(IEnumerable<Activity> spans) =>
        spans.GroupBy(span => span.DisplayName, StringComparer.Ordinal).ToDictionary(
            group => group.Key, group => group.SelectMany(span => span.TagObjects.Where(tag => tag.Value is not null).Select(tag => tag.Key)).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>The measurements of the database do not name agents.</summary>
    private Dictionary<string, HashSet<string>> SeenIn(IEnumerable<Measured> points) =>
        points.Where(point => point.Instrument.StartsWith("conversations.sqlite.", StringComparison.Ordinal) || Agent.Equals(point.Tags.GetValueOrDefault("gen_ai.agent.name")))
            .GroupBy(point => point.Instrument, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.SelectMany(point => point.Tags.Keys).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
}
