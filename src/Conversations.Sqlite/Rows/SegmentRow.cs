using System.Text;

namespace Conversations.Storage;

/// <summary>A segment ready to be written: serialised, and a copy.</summary>
internal readonly record struct SegmentRow(int Number, long Offset, long Position, MessageRole Role, ContentFormat Format, long CreatedAt, byte[] Content)
{
    public static SegmentRow[] From(IReadOnlyList<StreamSegment> segments)
    {
        var rows = new SegmentRow[segments.Count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = From(segments[i]);
        return rows;
    }

    /// <summary>Writes it, unless the run has one with its number.</summary>
    public void Insert(SqliteSession session, long run)
    {
        using var statement = session.Use(SqliteStatements.InsertSegment);
        statement.Bind(1, run);
        statement.Bind(2, Number);
        statement.Bind(3, Offset);
        statement.Bind(4, Position);
        statement.Bind(5, (long)Role);
        statement.Bind(6, (long)Format);
        statement.Bind(7, CreatedAt);
        statement.Bind(8, Content);
        statement.Run();
    }

    private static SegmentRow From(StreamSegment segment)
    {
        var fragment = segment.Fragment;
        var (format, text) = MessageContent.Write(fragment);
        var createdAt = fragment.CreatedAt ?? throw new ArgumentException("A fragment has no time.", nameof(segment));
        return new SegmentRow(segment.Number, segment.Offset, fragment.Position, fragment.Role, format, createdAt.UtcTicks, Encoding.UTF8.GetBytes(text));
    }
}
