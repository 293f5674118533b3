using System.Globalization;

namespace Replay;

/// <summary>The result of one file.</summary>
internal sealed class FileReport(string name)
{
    public int Conversations { get; set; }

    public int Turns { get; set; }

    public int Messages { get; set; }

    public int ToolCalls { get; set; }

    public int Mismatches { get; set; }

    /// <summary>How long the turns took.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>The size of the database on disk after this file.</summary>
    public long DatabaseBytes { get; set; }

    /// <summary>What is wrong, with its line; no content.</summary>
    public List<string> Problems { get; } = [];

    public void AddProblem(int line, string problem) => Problems.Add($"{name}, line {line}: {problem}.");

    /// <summary>The report in one line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {Conversations:N0} conversations, {Turns:N0} turns, {Messages:N0} messages, {ToolCalls:N0} tool calls, {Turns / Math.Max(Elapsed.TotalSeconds, 0.001):N0} turns a second, database {DatabaseBytes / 1024:N0} KiB, mismatches: {Mismatches:N0}");
}
