namespace Conversations.Storage;

/// <summary>One write, all or nothing. What needs no database, such as serialising bodies, is done before it enters the queue.</summary>
/// <typeparam name="T">What it answers.</typeparam>
internal interface ISqliteWrite<T>
{
    /// <summary>Writes, within a transaction that the writer has opened and will close.</summary>
    /// <param name="session">The writer's connection.</param>
    /// <param name="now">The time of the write, in UTC ticks.</param>
    Written<T> Run(SqliteSession session, long now);
}

/// <summary>What a write answers, and whether what it wrote is to stay.</summary>
internal readonly record struct Written<T>(T Answer, bool Keep);

/// <summary>Makes <see cref="Written{T}"/>.</summary>
internal static class Written
{
    public static Written<T> Keep<T>(T answer) => new(answer, Keep: true);

    public static Written<T> Nothing<T>(T answer) => new(answer, Keep: false);
}
