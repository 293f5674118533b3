using System.Globalization;
using Conversations.Soak.Checking;

namespace Conversations.Soak.Kills;

/// <summary>Children that are killed while they bring an older database up to date: it is of the old version or of the new one, and nothing of it is lost.</summary>
internal sealed class MigrationKills : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-soak-");
    private readonly Dictionary<int, (string Digest, long Microseconds)> _versions = [];
    private int _kills;

    public void Dispose() => _folder.Delete(recursive: true);

    public async Task<List<Finding>> KillAsync(Random random, Tally tally)
    {
        var version = OldDatabase.Versions[_kills++ % OldDatabase.Versions.Count];
        if (!_versions.TryGetValue(version, out var old))
            _versions[version] = old = await MeasureAsync(version);

        var file = Path.Combine(_folder.FullName, "killed.db");
        File.Copy(Original(version), file, overwrite: true);
        try
        {
            return await KillAsync(file, version, old.Digest, random.NextInt64(old.Microseconds), tally);
        }
        finally
        {
            foreach (var left in Directory.GetFiles(_folder.FullName, "killed.db*"))
                File.Delete(left);
        }
    }

    private static async Task<List<Finding>> KillAsync(string file, int version, string digest, long microseconds, Tally tally)
    {
        using var child = ChildProcess.Start("migrate", file, microseconds.ToString(CultureInfo.InvariantCulture));
        var lines = await child.ReadToEndAsync();
        var isDone = lines.Exists(line => line.StartsWith("migrated", StringComparison.Ordinal));
        tally.Note(isDone ? "just behind a migration" : "within a migration");
        if (!child.WasKilled && !isDone)
            return [new Finding(FindingKind.Wrong, "the child could not open the database")];

        var findings = new List<Finding>();
        var left = OldDatabase.VersionOf(file);
        if (left != version && OldDatabase.Digest(file) != digest)
            findings.Add(new Finding(FindingKind.Torn, $"a database of version {version} is of version {left}, and not all of it is there"));
        if (isDone && left == version)
            findings.Add(new Finding(FindingKind.Lost, "a migration that had ended was undone"));

        await using (var store = new SqliteConversationStore($"Data Source={file}"))
            await new ConversationManager(store, Agents.Options()).GetAsync("conv_large");
        if (OldDatabase.Digest(file) != digest)
            findings.Add(new Finding(FindingKind.Lost, $"something of a database of version {version} is gone"));
        findings.AddRange(DatabaseCheck.Run(file));
        return findings;
    }

    private string Original(int version) => Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"version-{version}.db"));

    /// <summary>Makes the database of a version, and has a child bring a copy of it up to date to see how long it takes.</summary>
    private async Task<(string Digest, long Microseconds)> MeasureAsync(int version)
    {
        OldDatabase.Create(Original(version), version);
        var copy = Path.Combine(_folder.FullName, "measured.db");
        File.Copy(Original(version), copy, overwrite: true);
        using var child = ChildProcess.Start("migrate", copy, "never");
        var lines = await child.ReadToEndAsync();
        return (OldDatabase.Digest(Original(version)), long.Parse(lines[^1].Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
