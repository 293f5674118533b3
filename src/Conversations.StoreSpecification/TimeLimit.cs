using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>How long a test waits for a store at most, by a real clock: a store that never comes back fails a test rather than stop all of them.</summary>
internal static class TimeLimit
{
    // Far more than anything takes: it tells what hangs from what is slow, so a busy machine must not decide it.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a task, which must end.</summary>
    public static Task OfAsync(Task task) => OfAsync(task, Longest);

    /// <summary>Waits for the result of a task, which must end.</summary>
    public static async Task<T> OfAsync<T>(Task<T> task)
    {
        await OfAsync((Task)task);
        return await task;
    }

    /// <summary>Waits for a task, for no longer than a time.</summary>
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
