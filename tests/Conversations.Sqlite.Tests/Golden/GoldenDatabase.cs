using System.Globalization;

namespace Conversations.Sqlite.Tests.Golden;

/// <summary>Databases as older versions of the store left them: the schema as it was released, and rows that the version itself wrote.</summary>
internal static class GoldenDatabase
{
    /// <summary>Writes the database of a version to a file.</summary>
    public static void Write(TemporaryFolder folder, string name, int version)
    {
        using var file = new Inspector(folder, name);
        file.Execute("PRAGMA journal_mode = WAL");
        for (var script = 1; script <= version; script++)
            file.Execute(Read(typeof(SqliteConversationStore), string.Create(CultureInfo.InvariantCulture, $"{script:D4}.sql")));
        file.Execute(Read(typeof(GoldenDatabase), string.Create(CultureInfo.InvariantCulture, $"version-{version}.sql")));
        file.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = 1129270870; PRAGMA user_version = {version}"));
    }

    private static string Read(Type owner, string name)
    {
        using var stream = owner.Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"There is no {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
