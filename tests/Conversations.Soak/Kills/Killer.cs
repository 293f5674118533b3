using System.Diagnostics;

namespace Conversations.Soak.Kills;

/// <summary>Kills the process that it runs in, as if the machine's owner had: no handler runs, nothing is flushed.</summary>
internal static class Killer
{
    public static void Now()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit();
    }

    /// <summary>Kills at some microseconds from when it is triggered. A thread spins for it, so that the time is kept.</summary>
    public static Action After(long microseconds)
    {
        var isTriggered = false;
        new Thread(Spin) { IsBackground = true }.Start();
        return () => Volatile.Write(ref isTriggered, true);

        void Spin()
        {
            while (!Volatile.Read(ref isTriggered))
                Thread.SpinWait(1);
            var begun = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begun).TotalMicroseconds < microseconds)
                Thread.SpinWait(1);
            Now();
        }
    }
}
