using System.Collections;

namespace Conversations.StoreSpecification;

/// <summary>A list that runs an action when its last item is read, by index or by enumeration: a store is in the middle of a call then.</summary>
internal sealed class FaultyList<T>(Action onLast, params T[] items) : IReadOnlyList<T>
{
    public int Count => items.Length;

    public T this[int index]
    {
        get
        {
            if (index == items.Length - 1)
                onLast();
            return items[index];
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var index = 0; index < items.Length; index++)
            yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
