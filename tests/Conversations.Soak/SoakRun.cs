using System.Diagnostics;
using System.Globalization;
using Conversations.Soak.Cancellations;
using Conversations.Soak.Checking;
using Conversations.Soak.Faults;
using Conversations.Soak.Kills;
using Conversations.Soak.Schedules;
using Conversations.Soak.Steady;
using Conversations.Storage;

namespace Conversations.Soak;

/// <summary>All parts, one after another.</summary>
internal static class SoakRun
{
    /// <summary>Runs the requested parts.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="output">Receives the report; the last line has the number of checks that passed and failed.</param>
    /// <param name="wrap">Wraps the stores, to prove that the soak finds faults; kills and faults do not use it.</param>
    /// <returns>0 if nothing failed, else 1.</returns>
    public static async Task<int> RunAsync(SoakOptions options, TextWriter output, Func<IConversationStore, IConversationStore>? wrap = null)
    {
        var tallies = new List<Tally>();
        if (options.ScheduleSeed is { } only)
        {
            var tally = new Tally("schedules", output);
            await ScheduleRuns.RunOneAsync(only, tally, output, showsSteps: true, wrap);
            await AddAsync("schedule", () => Task.FromResult(tally));
        }
        else
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"--seed {options.Seed}"));
            if (options.Kills > 0)
                await AddAsync("kills", () => KillRuns.RunAsync(options.Seed, options.Kills, output));
            if (options.Schedules > 0)
                await AddAsync("schedules", () => ScheduleRuns.RunAsync(options.Seed, options.Schedules, output, wrap));
            if (options.Cancellations > 0)
                await AddAsync("cancellations", () => CancellationRuns.RunAsync(options.Seed, options.Cancellations, output, wrap));
            if (options.Turns > 0)
                await AddAsync("faults", () => FaultRuns.RunAsync(options.Turns, output));
            if (options.Steady > 0)
                await AddAsync("steady", () => SteadyRuns.RunAsync(options.Steady, conversations: 1_000, output));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"--seed {options.Seed}"));
        }

        var failed = tallies.Sum(tally => tally.Failed);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{tallies.Sum(tally => tally.Passed)} passed, {failed} failed"));
        return failed == 0 ? 0 : 1;

        async Task AddAsync(string name, Func<Task<Tally>> run)
        {
            var begun = Stopwatch.GetTimestamp();
            var tally = await run();
            tallies.Add(tally);
            tally.Print();
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  {name} took {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s"));
        }
    }
}
