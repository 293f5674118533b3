namespace Conversations.Storage;

/// <summary>One write, applied whole or not at all. Work that needs no database, such as serialization, is done before it is queued.</summary>
/// <typeparam name="T">The type of its result.</typeparam>
internal interface ISqliteWrite<T>
{
    /// <summary>Gets whether it deletes content, which must not remain in the bytes of the log.</summary>
    bool Deletes => false;

    /// <summary>Gets about how many bytes of content it writes or deletes.</summary>
    long Size => 0;

    /// <summary>Writes within the transaction that the writer has begun and will end.</summary>
    /// <param name="session">The writer's connection.</param>
    /// <param name="now">The time of the write, in UTC ticks.</param>
    Written<T> Run(SqliteSession session, long now);
}

/// <summary>The result of a write, and whether its changes are kept.</summary>
internal readonly record struct Written<T>(T Answer, bool Keep);

/// <summary>Creates <see cref="Written{T}"/>.</summary>
internal static class Written
{
    public static Written<T> Keep<T>(T answer) => new(answer, Keep: true);

    public static Written<T> Nothing<T>(T answer) => new(answer, Keep: false);
}
