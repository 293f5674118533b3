namespace Conversations.Storage;

/// <summary>Creates timers of the system's clock that keep nothing of the call in which they are created: neither its execution context nor what that refers to.</summary>
internal static class SystemTimer
{
    /// <summary>Creates a timer that is not started.</summary>
    public static ITimer Create(Action callback)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return CreateHere(callback);

        using (ExecutionContext.SuppressFlow())
            return CreateHere(callback);
    }

    private static ITimer CreateHere(Action callback) =>
        TimeProvider.System.CreateTimer(static callback => ((Action)callback!)(), callback, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
}
