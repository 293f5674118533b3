using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>Sweeps streams that nobody reads any more, whenever another begins [20.5]: a few at a time, each time those that come next, so
/// that it costs the same however many there are. A store has one, and its writer alone uses it.</summary>
internal sealed class StreamSweep
{
    private const int AtATime = 16;

    private (long Conversation, long Run) _last;

    public void Run(SqliteSession session, long now)
    {
        var found = Find(session);

        // The end: the next time it begins anew.
        _last = found.Count < AtATime ? default : (found[^1].Conversation, found[^1].Run);
        foreach (var stream in found)
        {
            if (StreamRow.IsOver(stream.KeepFor, stream.EndedAt, now))
                StreamRow.Delete(session, stream.Conversation, stream.Run);
        }
    }

    private List<FoundStream> Find(SqliteSession session)
    {
        var found = new List<FoundStream>(AtATime);
        using var find = session.Use(SqliteStatements.FindStreamsToSweep);
        find.Bind(1, _last.Conversation);
        find.Bind(2, _last.Run);
        find.Bind(3, AtATime);
        while (find.Step())
            found.Add(new FoundStream(find.Int64(0), find.Int64(1), find.Int64(2), find.OptionalInt64(3)));
        return found;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct FoundStream(long Conversation, long Run, long KeepFor, long? EndedAt);
}
