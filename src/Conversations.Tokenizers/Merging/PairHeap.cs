using System.Buffers;

namespace Conversations;

/// <summary>Pairs of neighbouring tokens: the lowest merge first, the leftmost of equals. A binary heap in a pooled buffer; it is owned by one variable.</summary>
internal struct PairHeap : IDisposable
{
    private ulong[] _pairs;
    private int _count;

    /// <summary>Makes a heap for a piece of some bytes. A merge takes one pair out and puts at most two in, and there are fewer merges than bytes.</summary>
    public PairHeap(int bytes)
    {
        _pairs = ArrayPool<ulong>.Shared.Rent(checked(2 * bytes));
    }

    /// <summary>Adds a pair, unless it doesn't merge.</summary>
    public void Add(int merged, int at)
    {
        if (merged == MergeTable.None)
            return;

        var pair = ((ulong)(uint)merged << 32) | (uint)at;
        var child = _count++;
        while (child > 0)
        {
            var parent = (child - 1) / 2;
            if (_pairs[parent] <= pair)
                break;
            _pairs[child] = _pairs[parent];
            child = parent;
        }

        _pairs[child] = pair;
    }

    /// <summary>Takes the first pair out.</summary>
    public bool TryTake(out int merged, out int at)
    {
        if (_count == 0)
        {
            (merged, at) = (MergeTable.None, 0);
            return false;
        }

        (merged, at) = ((int)(_pairs[0] >> 32), (int)(uint)_pairs[0]);
        Sink(_pairs[--_count]);
        return true;
    }

    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(_pairs);
        _pairs = [];
    }

    /// <summary>Puts a pair in at the top, which is free, and lets it sink to its place.</summary>
    private readonly void Sink(ulong pair)
    {
        var parent = 0;
        while (2 * parent + 1 < _count)
        {
            var child = 2 * parent + 1;
            if (child + 1 < _count && _pairs[child + 1] < _pairs[child])
                child++;
            if (_pairs[child] >= pair)
                break;
            _pairs[parent] = _pairs[child];
            parent = child;
        }

        _pairs[parent] = pair;
    }
}
