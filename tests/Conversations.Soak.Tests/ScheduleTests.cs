using Conversations.Soak.Checking;
using Conversations.Soak.Schedules;

namespace Conversations.Soak.Tests;

/// <summary>The short form of the schedules.</summary>
[Trait("Category", "Soak")]
public sealed class ScheduleTests
{
    [Fact]
    public async Task Run_40_schedules_on_each_store_holds()
    {
        var output = new StringWriter();

        var tally = await ScheduleRuns.RunAsync(seed: 20250601, count: 40, output);

        tally.Failed.Should().Be(0, output.ToString());
        tally.Passed.Should().Be(80);
    }
}
