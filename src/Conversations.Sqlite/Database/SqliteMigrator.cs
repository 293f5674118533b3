using System.Globalization;

namespace Conversations.Storage;

/// <summary>Migrates a database to the newest schema with the numbered scripts of <c>Schema/</c>, each once. Several processes can do so at the same time.</summary>
internal static class SqliteMigrator
{
    /// <summary>The number of scripts.</summary>
    public const int LatestVersion = 1;

    /// <summary>The oldest version whose programs can still read and write a database of the <see cref="LatestVersion"/>. Raise it with a script that they cannot go on with,
    /// such as one that moves or drops what they write; a column that may be NULL is not one.</summary>
    public const int UsableFrom = 1;

    // In user_version, because it is on the first page of the file, which each transaction reads anyway.
    private const int Mark = (UsableFrom << 16) | LatestVersion;

    /// <summary>The application id by which a database of this library is recognized: "CONV".</summary>
    public const int ApplicationId = 0x434F4E56;

    /// <summary>Migrates the database, or throws and leaves it unchanged.</summary>
    /// <exception cref="ConversationStoreException">The database does not belong to this library, or has a newer version.</exception>
    public static void Migrate(SqliteSession session)
    {
        // Nothing is written if the schema is up to date or the file belongs to another application.
        if (IsMigrated(session))
            return;

        // Only a new file takes it, and only before its first table: free pages can be given back later.
        session.Execute("PRAGMA auto_vacuum = INCREMENTAL");
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            // Read again: another process, also of a newer version, may have migrated meanwhile.
            var version = ReadVersion(session);
            if (version >= LatestVersion)
            {
                session.RollBack();
                return;
            }

            while (++version <= LatestVersion)
                session.Execute(Script(version));
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"""
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {Mark};
                COMMIT;
                """));
        }
        catch
        {
            session.RollBack();
            throw;
        }
    }

    /// <summary>Checks, within a transaction, that no newer version has migrated the database beyond what this one can use, since it was opened.</summary>
    /// <exception cref="ConversationStoreException">It has, or the database is another one.</exception>
    public static void CheckUsable(SqliteSession session)
    {
        if (session.ReadNumber(SqliteStatements.SchemaMark) != Mark && ReadVersion(session) < LatestVersion)
            throw NotOurs();
    }

    private static bool IsMigrated(SqliteSession session)
    {
        session.Execute("BEGIN");
        try
        {
            return ReadVersion(session) >= LatestVersion;
        }
        finally
        {
            session.RollBack();
        }
    }

    /// <summary>Reads the version of the schema; 0 for a new file. It takes several reads, so they run in a transaction.</summary>
    /// <exception cref="ConversationStoreException">This version cannot use the database, or it does not belong to this library.</exception>
    private static long ReadVersion(SqliteSession session)
    {
        var mark = (uint)session.AskNumber("PRAGMA user_version");
        var (usableFrom, version) = (mark >> 16, mark & 0xFFFF);
        if (session.AskNumber("PRAGMA application_id") != ApplicationId)
        {
            var isNew = version == 0 && session.AskNumber("PRAGMA application_id") == 0 && session.AskNumber("SELECT COUNT(*) FROM sqlite_schema") == 0;
            return isNew ? 0 : throw NotOurs();
        }

        // A mark without the oldest version is usable from its own version on.
        return (usableFrom == 0 ? version : usableFrom) <= LatestVersion
            ? version
            : throw new ConversationStoreException(
                ConversationErrorCodes.SchemaTooNew,
                string.Create(CultureInfo.InvariantCulture, $"The database has schema version {version}, which this version of the library, with schema version {LatestVersion}, cannot use. Update the Conversations.Sqlite package."));
    }

    private static ConversationStoreException NotOurs() => new(ConversationErrorCodes.StoreCorrupt, "The file is not a Conversations database. Use another file.");

    private static string Script(long version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{version:D4}.sql");
        using var stream = typeof(SqliteMigrator).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
