namespace Conversations.Storage;

/// <summary>What was saved of the stream of one run. Used under the scope's gate, but for <see cref="IsOver"/>, which is safe from any thread.</summary>
internal sealed class StreamLog
{
    private readonly List<StreamSegment> _segments = [];
    private TimeSpan _keepFor;
    private InterruptedOutput _onInterruption;

    // Since when nobody reads it any more (UTC ticks); the end of time while its run is running.
    private long _overAt = long.MaxValue;

    /// <summary>Whether the messages that an interruption makes of it are superseded by its own run (rule 20.3).</summary>
    public bool IsSupersededWhenInterrupted => _onInterruption == InterruptedOutput.AppendSuperseded;

    /// <summary>Appends what it has not yet; the command's word on what becomes of it counts from now on (rule 20.1).</summary>
    public void Append(AppendSegmentsCommand command)
    {
        _keepFor = command.KeepFor;
        _onInterruption = command.OnInterruption;
        foreach (var segment in command.Segments)
        {
            if (_segments is not [.., var last] || segment.Number > last.Number)
                _segments.Add(segment with { Fragment = Copy(segment.Fragment) });
        }
    }

    /// <summary>The segments from the last on that begins at an offset or before it (rule 20.2).</summary>
    public IReadOnlyList<StreamSegment> Read(long from, int limit)
    {
        var first = Math.Max(0, _segments.FindLastIndex(segment => segment.Offset <= from));
        return _segments.GetRange(first, Math.Min(limit, _segments.Count - first));
    }

    /// <summary>The messages that an interruption makes of it (rule 20.3).</summary>
    public IReadOnlyList<ConversationMessage> Draft() => _onInterruption == InterruptedOutput.Discard ? [] : StreamSegment.Join(_segments);

    /// <summary>Its run has ended: from now on it is kept for as long as the last command said (rule 20.5).</summary>
    public void End(DateTimeOffset endedAt)
    {
        var end = endedAt.UtcTicks;
        Volatile.Write(ref _overAt, _keepFor.Ticks > long.MaxValue - end ? long.MaxValue : end + _keepFor.Ticks);
    }

    /// <summary>Whether nobody reads it any more.</summary>
    public bool IsOver(DateTimeOffset now) => now.UtcTicks >= Volatile.Read(ref _overAt);

    /// <summary>What is kept of a fragment: role, parts, time, metadata, and its message's position.</summary>
    private static ConversationMessage Copy(ConversationMessage fragment) =>
        new(fragment.Role, fragment.Parts) { Position = fragment.Position, CreatedAt = fragment.CreatedAt?.ToUniversalTime(), Metadata = fragment.Metadata };
}
