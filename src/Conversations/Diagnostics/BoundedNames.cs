using System.Collections.Concurrent;

namespace Conversations;

/// <summary>Names for the tags of measurements: as many and as long as a system of metrics can take, and one name for all others. A name that a caller can choose would otherwise create time series without a bound.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class BoundedNames
{
    /// <summary>The name for the others.</summary>
    public const string Other = "other";

    /// <summary>The number of names that are used as they are.</summary>
    public const int Limit = 100;

    /// <summary>The greatest length of a name, in UTF-16 code units.</summary>
    public const int MaxLength = 128;

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Returns the name to use for a name.</summary>
    public string Of(string name)
    {
        if (_names.TryGetValue(name, out var known))
            return known;
        if (name.Length > MaxLength || Volatile.Read(ref _count) >= Limit || Interlocked.Increment(ref _count) > Limit)
            return Other;

        // Two threads with one name can each use one of the limit.
        return _names.GetOrAdd(name, name);
    }
}
