using System.Globalization;

namespace Conversations.Storage;

/// <summary>Gives free pages back to the file system, a few at a time: the file is shorter after the next checkpoint. Some are kept for what is written next.</summary>
/// <remarks>The result is whether there were more free pages than are kept.</remarks>
internal sealed class ShrinkWrite : ISqliteWrite<bool>
{
    // 1 MB each.
    private const long Kept = 256;
    private const long AtATime = 256;

    public Written<bool> Run(SqliteSession session, long now)
    {
        var free = session.AskNumber("PRAGMA freelist_count") - Kept;
        if (free <= 0 || session.AskNumber("PRAGMA auto_vacuum") == 0)
            return Written.Nothing(false);

        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({Math.Min(free, AtATime)})"));
        return Written.Keep(true);
    }
}
