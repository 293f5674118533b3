using System.Collections.Concurrent;

namespace Conversations.Storage;

/// <summary>The streams of a store, by the numbers of their runs. Safe from any thread; each of them is used under its scope's gate.</summary>
internal sealed class StreamTable
{
    private readonly ConcurrentDictionary<long, StreamLog> _streams = [];

    public StreamLog? Find(long run) => _streams.GetValueOrDefault(run);

    /// <summary>The stream of a run. Where one begins, those are swept that nobody reads any more (rule 20.5).</summary>
    public StreamLog FindOrAdd(long run, DateTimeOffset now)
    {
        if (Find(run) is { } found)
            return found;

        foreach (var (other, stream) in _streams)
        {
            if (stream.IsOver(now))
                Drop(other);
        }

        return _streams.GetOrAdd(run, static _ => new StreamLog());
    }

    public void Drop(long run) => _streams.TryRemove(run, out _);
}
