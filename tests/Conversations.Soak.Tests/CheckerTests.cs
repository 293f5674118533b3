using Conversations.Soak.Cancellations;
using Conversations.Soak.Checking;
using Conversations.Soak.Kills;
using Conversations.Soak.Schedules;
using Conversations.Storage;

namespace Conversations.Soak.Tests;

/// <summary>The soak must be able to fail: stores that are broken on purpose, and what it finds in them.</summary>
[Trait("Category", "Soak")]
public sealed class CheckerTests
{
    private const int Schedules = 10;

    public static TheoryData<string, string> BrokenForSchedules => new()
    {
        { nameof(DropsCommits), nameof(FindingKind.Lost) },
        { nameof(DoublesCommits), nameof(FindingKind.Doubled) },
        { nameof(TearsCommits), nameof(FindingKind.Lost) },
        { nameof(IgnoresVersions), nameof(FindingKind.Wrong) },
        { nameof(ShowsOthers), nameof(FindingKind.Foreign) },
        { nameof(ForgetsKeys), nameof(FindingKind.Torn) },
    };

    // A commit that is dropped keeps its lease, and the others would wait for that by the clock of the machine: not among these.
    public static TheoryData<string, string> BrokenForCancellations => new()
    {
        { nameof(DoublesCommits), nameof(FindingKind.Doubled) },
        { nameof(TearsCommits), nameof(FindingKind.Torn) },
        { nameof(ShowsOthers), nameof(FindingKind.Foreign) },
        { nameof(ForgetsKeys), nameof(FindingKind.Doubled) },
        { nameof(CompletesCancelledRuns), nameof(FindingKind.Torn) },
    };

    [Theory]
    [MemberData(nameof(BrokenForSchedules))]
    public async Task Schedules_find_a_broken_store(string store, string kind)
    {
        var tally = await ScheduleRuns.RunAsync(seed: 1, Schedules, TextWriter.Null, Break(store));

        tally.Count(Enum.Parse<FindingKind>(kind)).Should().BePositive();
        tally.Failed.Should().BePositive();
    }

    [Theory]
    [MemberData(nameof(BrokenForCancellations))]
    public async Task Cancellations_find_a_broken_store(string store, string kind)
    {
        var tally = await CancellationRuns.RunAsync(seed: 1, 100, TextWriter.Null, Break(store));

        tally.Count(Enum.Parse<FindingKind>(kind)).Should().BePositive();
        tally.Failed.Should().BePositive();
    }

    [Fact]
    public async Task Kills_find_an_answer_that_was_acknowledged_before_it_was_committed()
    {
        using var file = new KilledFile();

        var findings = await file.KillAsync(KillPoint.BeforeCommit, time: 2, microseconds: 0, lies: true);

        findings.Should().Contain(finding => finding.Kind == FindingKind.Lost);
    }

    [Fact]
    public async Task Run_with_a_failure_reports_it_in_its_last_line_and_its_exit_code()
    {
        var output = new StringWriter();

        var code = await SoakRun.RunAsync(new SoakOptions(Seed: 7, Kills: 0, Schedules: 5, Cancellations: 0, Turns: 0), output, Break(nameof(DropsCommits)));

        code.Should().Be(1);
        var lines = output.ToString().TrimEnd().Split('\n');
        lines[0].Should().Contain("--seed 7");
        lines[^1].Should().MatchRegex("^[0-9]+ passed, [1-9][0-9]* failed");
    }

    [Fact]
    public async Task Run_without_a_failure_reports_it_in_its_last_line_and_its_exit_code()
    {
        var output = new StringWriter();

        var code = await SoakRun.RunAsync(new SoakOptions(Seed: 7, Kills: 0, Schedules: 2, Cancellations: 0, Turns: 0), output);

        code.Should().Be(0);
        output.ToString().TrimEnd().Should().EndWith("4 passed, 0 failed");
    }

    private static Func<IConversationStore, IConversationStore> Break(string name) => name switch
    {
        nameof(DropsCommits) => inner => new DropsCommits(inner),
        nameof(DoublesCommits) => inner => new DoublesCommits(inner),
        nameof(TearsCommits) => inner => new TearsCommits(inner),
        nameof(IgnoresVersions) => inner => new IgnoresVersions(inner),
        nameof(ShowsOthers) => inner => new ShowsOthers(inner),
        nameof(ForgetsKeys) => inner => new ForgetsKeys(inner),
        _ => inner => new CompletesCancelledRuns(inner),
    };
}
