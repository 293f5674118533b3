using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>A store whose loads return what they have read when the test releases them. What follows a load runs within the release, so that the order is always the same.</summary>
internal sealed class HeldLoadStore(IConversationStore inner) : DelegatingConversationStore(inner)
{
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private readonly Lock _lock = new();
    private int _early;

    /// <summary>Gets the number of loads so far.</summary>
    public int Loads { get; private set; }

    /// <summary>Gets the number of loads that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>Releases loads: first those that wait, then those that come.</summary>
    public void Release(int count)
    {
        List<TaskCompletionSource> released = [];
        lock (_lock)
        {
            while (released.Count < count && _waiting.TryDequeue(out var waiting))
                released.Add(waiting);
            _early += count - released.Count;
        }

        foreach (var load in released)
            load.SetResult();
    }

    public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
    {
        Task released;
        lock (_lock)
        {
            Loads++;
            released = Enter();
        }

        var state = await base.LoadAsync(lookup, cancellationToken).ConfigureAwait(false);
        await released.ConfigureAwait(false);
        return state;
    }

    private Task Enter()
    {
        if (_early > 0)
        {
            _early--;
            return Task.CompletedTask;
        }

        // Continuations run at once, in the thread of the release, if that is one of the thread pool.
        var source = new TaskCompletionSource();
        _waiting.Enqueue(source);
        return source.Task;
    }
}
