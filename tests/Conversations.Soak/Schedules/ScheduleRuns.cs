using Conversations.Soak.Checking;
using Conversations.Storage;

namespace Conversations.Soak.Schedules;

/// <summary>Many schedules, each on every store.</summary>
internal static class ScheduleRuns
{
    public static async Task<Tally> RunAsync(int seed, int count, TextWriter output, Func<IConversationStore, IConversationStore>? wrap = null)
    {
        var tally = new Tally("schedules", output);
        for (var i = 0; i < count; i++)
        {
            await RunOneAsync(unchecked(seed + i), tally, output, showsSteps: false, wrap);
            if ((i + 1) % 250 == 0)
                await output.WriteLineAsync($"  {i + 1} of {count} schedules");
        }

        return tally;
    }

    /// <summary>Runs one seed on both stores.</summary>
    public static async Task RunOneAsync(int seed, Tally tally, TextWriter output, bool showsSteps, Func<IConversationStore, IConversationStore>? wrap = null)
    {
        await RunOneAsync(seed, clock => SoakStore.Memory(clock, wrap), tally, output, showsSteps);
        await RunOneAsync(seed, clock => SoakStore.Sqlite(clock, wrap), tally, output, showsSteps);
    }

    private static async Task RunOneAsync(int seed, Func<TimeProvider, SoakStore> open, Tally tally, TextWriter output, bool showsSteps)
    {
        var name = "";
        await using var schedule = new Schedule(seed, clock =>
        {
            var store = open(clock);
            name = store.Name;
            return store;
        });
        var findings = await schedule.RunAsync();
        tally.Add($"--schedule-seed {seed} ({name})", findings);
        tally.Note("steps", schedule.Steps.Count);
        foreach (var (what, count) in schedule.Events)
            tally.Note(what, count);
        if (findings.Count > 0 || showsSteps)
            await output.WriteLineAsync(string.Join(Environment.NewLine, schedule.Steps));
    }
}
