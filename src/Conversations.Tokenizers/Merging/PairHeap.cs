using System.Buffers;

namespace Conversations;

/// <summary>Pairs of neighboring tokens: the lowest merge first, the leftmost of equal ones. A binary heap in a pooled buffer, owned by one variable.</summary>
internal struct PairHeap : IDisposable
{
    private ulong[] _pairs;
    private int _count;

    /// <summary>Initializes a heap for a piece of the given number of bytes. A merge removes one pair and adds at most two, and there are fewer merges than bytes.</summary>
    public PairHeap(int bytes)
    {
        _pairs = ArrayPool<ulong>.Shared.Rent(checked(2 * bytes));
    }

    /// <summary>Adds a pair, unless it cannot be merged.</summary>
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

    /// <summary>Removes the first pair.</summary>
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

    /// <summary>Inserts a pair at the top, which is free, and moves it down to its place.</summary>
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
