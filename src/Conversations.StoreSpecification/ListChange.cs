using System.Collections;

namespace Conversations.StoreSpecification;

/// <summary>The moment at which a caller changes the lists that it passed to a call: when the call has returned its task.</summary>
/// <remarks>A store that reads a list on another thread, later, waits for the change and reads what was not passed. Created on the thread of the caller.</remarks>
internal sealed class ListChange : IDisposable
{
    // A store that blocks its caller until another thread has read the lists reads them as they were passed.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly int _caller = Environment.CurrentManagedThreadId;
    private readonly ManualResetEventSlim _changed = new();

    /// <summary>Returns a list with the passed items, and with others after the change.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> passed, IReadOnlyList<T> changed) => new Changing<T>(() => IsChanged() ? changed : passed);

    /// <summary>Changes the lists.</summary>
    public void Apply() => _changed.Set();

    public void Dispose() => _changed.Dispose();

    private bool IsChanged() => Environment.CurrentManagedThreadId == _caller ? _changed.IsSet : _changed.Wait(Longest, CancellationToken.None);

    private sealed class Changing<T>(Func<IReadOnlyList<T>> items) : IReadOnlyList<T>
    {
        public int Count => items().Count;

        public T this[int index] => items()[index];

        public IEnumerator<T> GetEnumerator() => items().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
