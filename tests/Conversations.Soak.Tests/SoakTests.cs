using Conversations.Soak.Cancellations;
using Conversations.Soak.Checking;
using Conversations.Soak.Faults;
using Conversations.Soak.Kills;
using Conversations.Soak.Schedules;
using Conversations.Soak.Steady;

namespace Conversations.Soak.Tests;

/// <summary>The short form of the soak. The long one: <c>dotnet run -c Release --project tests/Conversations.Soak</c>.</summary>
[Trait("Category", "Soak")]
public sealed class SoakTests : IDisposable
{
    private const int Seed = 20250600;

    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task Kill_of_13_children_at_named_points_tears_loses_or_duplicates_nothing()
    {
        // The seed chooses where to begin: within a stream. The last one is after a deletion.
        var tally = await KillRuns.RunAsync(seed: 4, kills: 13, _output);

        ShouldPass(tally, 13);
    }

    [Fact]
    public async Task Run_of_40_schedules_matches_the_model_on_each_store()
    {
        var tally = await ScheduleRuns.RunAsync(Seed, 40, _output);

        ShouldPass(tally, 80);
    }

    [Fact]
    public async Task Cancellation_at_200_points_leaves_each_store_as_acknowledged()
    {
        var tally = await CancellationRuns.RunAsync(Seed, 200, _output);

        ShouldPass(tally, 2);
    }

    [Fact]
    public async Task Run_with_each_fault_tears_loses_or_duplicates_nothing()
    {
        var tally = await FaultRuns.RunAsync(turns: 25, _output);

        ShouldPass(tally, OperatingSystem.IsLinux() ? 14 : 12);
    }

    [Fact]
    public async Task Run_of_2000_turns_with_overlapping_readers_keeps_memory_handles_and_log_flat()
    {
        var tally = await SteadyRuns.RunAsync(turns: 2_000, conversations: 50, _output);

        ShouldPass(tally, 1);
    }

    private void ShouldPass(Tally tally, int count)
    {
        tally.Failed.Should().Be(0, _output.ToString());
        tally.Passed.Should().Be(count);
    }
}
