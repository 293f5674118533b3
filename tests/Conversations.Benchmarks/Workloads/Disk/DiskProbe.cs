using System.Diagnostics;

namespace Conversations.Benchmarks.Workloads;

/// <summary>Measures how long SQLite waits for the disk, so that a delay without effect is noticed.</summary>
internal static class DiskProbe
{
    private const int Commits = 101;

    /// <summary>How long one fsync takes: what a small commit costs more with it than without.</summary>
    public static TimeSpan Measure(string path)
    {
        using var connection = Bare.Open(path, "PRAGMA journal_mode = WAL; CREATE TABLE numbers (number INTEGER);");
        var full = new Samples();
        var normal = new Samples();
        for (var i = 0; i < Commits; i++)
        {
            full.Add(Commit("FULL"));
            normal.Add(Commit("NORMAL"));
        }

        return TimeSpan.FromMicroseconds(full.Median - normal.Median);

        double Commit(string synchronous)
        {
            Bare.Execute(connection, $"PRAGMA synchronous = {synchronous}");
            using var insert = Bare.Prepare(connection, "INSERT INTO numbers VALUES (1)");
            var start = Stopwatch.GetTimestamp();
            insert.ExecuteNonQuery();
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }
    }
}
