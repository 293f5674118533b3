using System.Diagnostics;

namespace Conversations.Soak.Kills;

/// <summary>Kills its own process, as an external kill would: no handler runs, and nothing is flushed.</summary>
internal static class Killer
{
    public static void Now()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit();
    }

    /// <summary>Kills some microseconds after the trigger. A thread spins, so that the time is exact.</summary>
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
