namespace Conversations.Storage;

/// <summary>The segments of the runs of one conversation. Used under the gate of the scope.</summary>
internal sealed class SegmentLog
{
    // Created with the first segment: most conversations have none.
    private Dictionary<long, Stream>? _streams;

    public void Append(long run, StreamSegment[] segments, DateTimeOffset now)
    {
        _streams ??= [];
        if (!_streams.TryGetValue(run, out var stream))
        {
            RemoveExpired(now);
            _streams.Add(run, stream = new Stream());
        }

        foreach (var segment in segments)
        {
            if (stream.Segments is not [.., var last] || segment.Number > last.Number)
                stream.Segments.Add(segment);
        }
    }

    /// <summary>Reads from the last segment on that begins at an offset or before it.</summary>
    public IReadOnlyList<StreamSegment> Read(SegmentRange range)
    {
        if (_streams?.GetValueOrDefault(range.RunNumber)?.Segments is not { } segments)
            return [];

        var first = Math.Max(0, segments.FindLastIndex(segment => segment.Offset <= range.From));
        return segments.GetRange(first, Math.Min(range.Limit, segments.Count - first));
    }

    public void Expire(long run, DateTimeOffset at)
    {
        if (_streams?.GetValueOrDefault(run) is { } stream)
            stream.ExpiresAt = at;
    }

    public void Drop(long run) => _streams?.Remove(run);

    private void RemoveExpired(DateTimeOffset now)
    {
        foreach (var (run, stream) in _streams!)
        {
            if (now >= stream.ExpiresAt)
                _streams.Remove(run);
        }
    }

    private sealed class Stream
    {
        public List<StreamSegment> Segments { get; } = [];

        public DateTimeOffset ExpiresAt { get; set; } = DateTimeOffset.MaxValue;
    }
}
