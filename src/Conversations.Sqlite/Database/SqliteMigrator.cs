using System.Globalization;

namespace Conversations.Storage;

/// <summary>Brings a database to the newest schema: the numbered scripts of <c>Schema/</c>, each once. Several processes may do it at the same time.</summary>
internal static class SqliteMigrator
{
    /// <summary>How many scripts there are.</summary>
    public const int LatestVersion = 5;

    /// <summary>Tells a database of ours from any other: "CONV".</summary>
    public const int ApplicationId = 0x434F4E56;

    /// <summary>Migrates, or throws and leaves everything as it is.</summary>
    /// <exception cref="ConversationStoreException">The database is none of ours, or of a newer version.</exception>
    public static void Migrate(SqliteSession session)
    {
        // Nothing is written if there is nothing to do or the file is not ours.
        if (IsLatest(session))
            return;

        session.Execute("BEGIN IMMEDIATE");
        try
        {
            // Read again: another process may have migrated meanwhile.
            for (var version = ReadVersion(session) + 1; version <= LatestVersion; version++)
                session.Execute(Script(version));
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"""
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {LatestVersion};
                COMMIT;
                """));
        }
        catch
        {
            session.RollBack();
            throw;
        }
    }

    private static bool IsLatest(SqliteSession session)
    {
        session.Execute("BEGIN");
        try
        {
            return ReadVersion(session) == LatestVersion;
        }
        finally
        {
            session.RollBack();
        }
    }

    /// <summary>The version of the schema; 0 for a new file. It takes several reads, so they are within a transaction.</summary>
    private static long ReadVersion(SqliteSession session)
    {
        var version = session.AskNumber("PRAGMA user_version");
        if (session.AskNumber("PRAGMA application_id") != ApplicationId)
        {
            var isNew = version == 0 && session.AskNumber("PRAGMA application_id") == 0 && session.AskNumber("SELECT COUNT(*) FROM sqlite_schema") == 0;
            return isNew ? 0 : throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "The file is not a Conversations database.");
        }

        return version <= LatestVersion
            ? version
            : throw new ConversationStoreException(
                ConversationErrorCodes.SchemaTooNew,
                string.Create(CultureInfo.InvariantCulture, $"The database has schema version {version}; this version of the library knows {LatestVersion}."));
    }

    private static string Script(long version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{version:D4}.sql");
        using var stream = typeof(SqliteMigrator).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
