using System.Globalization;

namespace Conversations.Soak.Checking;

/// <summary>The result of one part of the soak. A check passes if it finds nothing.</summary>
internal sealed class Tally(string part, TextWriter output)
{
    private const int ShownFindings = 20;

    private readonly Dictionary<FindingKind, int> _counts = Enum.GetValues<FindingKind>().ToDictionary(kind => kind, _ => 0);
    private readonly Dictionary<string, int> _notes = new(StringComparer.Ordinal);

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>How many findings of a kind there are.</summary>
    public int Count(FindingKind kind) => _counts[kind];

    public void Add(string check, IReadOnlyCollection<Finding> findings)
    {
        if (findings.Count == 0)
        {
            Passed++;
            return;
        }

        Failed++;
        output.WriteLine($"FAILED {part}: {check}");
        foreach (var finding in findings.Take(ShownFindings))
            output.WriteLine($"  {finding}");
        foreach (var finding in findings)
            _counts[finding.Kind]++;
    }

    /// <summary>Reports that a check cannot run here; it counts neither as passed nor as failed.</summary>
    public void NotRun(string check, string why) => output.WriteLine($"NOT RUN {part}: {check}: {why}");

    /// <summary>Counts an event that describes the run.</summary>
    public void Note(string what, int count = 1) => _notes[what] = _notes.GetValueOrDefault(what) + count;

    public void Print()
    {
        var counts = string.Join(", ", _counts.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Key.ToString().ToLowerInvariant()} {count.Value}")));
        output.WriteLine($"{part}: {Passed} passed, {Failed} failed; {counts}");
        if (_notes.Count > 0)
            output.WriteLine($"  {string.Join(", ", _notes.OrderBy(note => note.Key, StringComparer.Ordinal).Select(note => $"{note.Value} {note.Key}"))}");
    }
}
