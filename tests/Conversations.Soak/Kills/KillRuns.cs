using System.Globalization;
using Conversations.Soak.Checking;

namespace Conversations.Soak.Kills;

/// <summary>Children that are killed, one after another, on one SQLite file. What was acknowledged to them is stored once, everything else whole or not at all,
/// and the next child continues what they left open.</summary>
internal static class KillRuns
{
    public static readonly IReadOnlyList<string> Users = ["alice", "bob"];

    private const int KillsPerFile = 25;
    private const int LongestInLog = 400;

    public static async Task<Tally> RunAsync(int seed, int kills, TextWriter output)
    {
        var tally = new Tally("kills", output);
        var random = new Random(seed);
        var points = Enum.GetValues<KillPoint>();
        KilledFile? file = null;
        try
        {
            for (var i = 0; i < kills; i++)
            {
                var point = points[(i + (seed & int.MaxValue)) % points.Length];
                if (i % KillsPerFile == 0 || file is null)
                {
                    End(file, tally);
                    file = new KilledFile();
                }

                var time = random.Next(1, 4);
                var microseconds = random.Next(LongestInLog);
                var killed = file;
                var findings = await Guard.RunAsync(() => killed.KillAsync(point, time, microseconds));
                tally.Add(string.Create(CultureInfo.InvariantCulture, $"{point} {time} {microseconds}"), findings);
                tally.Note($"at {point}");
                if ((i + 1) % KillsPerFile == 0)
                    await output.WriteLineAsync($"  {i + 1} of {kills} kills");
            }
        }
        finally
        {
            End(file, tally);
        }

        return tally;
    }

    private static void End(KilledFile? file, Tally tally)
    {
        if (file is null)
            return;

        tally.Note("answers that were stored and not acknowledged", file.Unacknowledged);
        tally.Note("requests that a kill left unanswered", file.Unanswered);
        tally.Note("looks at what a killed stream left", file.Streamed);
        file.Dispose();
    }
}
