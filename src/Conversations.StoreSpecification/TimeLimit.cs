using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Limits how long a test waits for a store, by the system clock: a store that never returns fails one test instead of blocking all.</summary>
internal static class TimeLimit
{
    // Far more than any call takes, so that a busy machine does not fail a test.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a task, which must complete.</summary>
    public static Task OfAsync(Task task) => OfAsync(task, Longest);

    /// <summary>Waits for the result of a task, which must complete.</summary>
    public static async Task<T> OfAsync<T>(Task<T> task)
    {
        await OfAsync((Task)task);
        return await task;
    }

    /// <summary>Waits for a task, but not longer than a given time.</summary>
    public static async Task<bool> LookAsync(Task task, TimeSpan time)
    {
        await ((Task)Task.WhenAny(task)).WaitAsync(time, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }

    internal static async Task OfAsync(Task task, TimeSpan longest)
    {
        if (!await LookAsync(task, longest))
            Assert.Fail($"The store did not come back within {longest.TotalSeconds} seconds.");
        await task;
    }
}
