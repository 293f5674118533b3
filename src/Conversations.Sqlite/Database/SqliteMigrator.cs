using System.Globalization;

namespace Conversations.Storage;

/// <summary>Migrates a database to the newest schema with the numbered scripts of <c>Schema/</c>, each once. Several processes can do so at the same time.</summary>
internal static class SqliteMigrator
{
    /// <summary>The number of scripts.</summary>
    public const int LatestVersion = 1;

    /// <summary>The application id by which a database of this library is recognized: "CONV".</summary>
    public const int ApplicationId = 0x434F4E56;

    /// <summary>Migrates the database, or throws and leaves it unchanged.</summary>
    /// <exception cref="ConversationStoreException">The database does not belong to this library, or has a newer version.</exception>
    public static void Migrate(SqliteSession session)
    {
        // Nothing is written if the schema is up to date or the file belongs to another application.
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

    /// <summary>Reads the version of the schema; 0 for a new file. It takes several reads, so they run in a transaction.</summary>
    private static long ReadVersion(SqliteSession session)
    {
        var version = session.AskNumber("PRAGMA user_version");
        if (session.AskNumber("PRAGMA application_id") != ApplicationId)
        {
            var isNew = version == 0 && session.AskNumber("PRAGMA application_id") == 0 && session.AskNumber("SELECT COUNT(*) FROM sqlite_schema") == 0;
            return isNew ? 0 : throw new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "The file is not a Conversations database. Use another file.");
        }

        return version <= LatestVersion
            ? version
            : throw new ConversationStoreException(
                ConversationErrorCodes.SchemaTooNew,
                string.Create(CultureInfo.InvariantCulture, $"The database has schema version {version}; this version of the library supports versions up to {LatestVersion}. Update the Conversations.Sqlite package."));
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
