namespace Conversations.Soak.Schedules;

internal sealed partial class Schedule
{
    /// <summary>Time passes: a little, or more than a lease.</summary>
    private Task PassAsync()
    {
        var ticks = Chance(50) ? 1 : _random.Next(2, 7);
        Step($"{ticks * Tick.TotalSeconds} seconds pass");
        for (; ticks > 0; ticks--)
        {
            _clock.Advance(Tick);
            Renew();
        }

        return Task.CompletedTask;
    }

    /// <summary>The time of day is set an hour forward or back. Timers are not affected.</summary>
    private async Task JumpAsync()
    {
        var jump = TimeSpan.FromHours(Chance(50) ? 1 : -1);
        Step($"the clock jumps by {jump}");
        _clock.SetUtcNow(Now + jump);
        await CompareAllAsync();
    }

    /// <summary>A process is paused, so that it renews nothing, or continues.</summary>
    private Task PauseAsync()
    {
        var process = Pick(_processes);
        process.Store.IsPaused = !process.Store.IsPaused;
        Step($"process {Array.IndexOf(_processes, process)} {(process.Store.IsPaused ? "is paused" : "goes on")}");
        return Task.CompletedTask;
    }

    /// <summary>A process dies with its turns, and another one replaces it. Sometimes all processes die, so that the store is opened again on the remaining data.</summary>
    private async Task CrashAsync()
    {
        var all = Chance(30);
        Happened("crash");
        var first = all ? 0 : _random.Next(Processes);
        Step(all ? "all processes crash" : $"process {first} crashes");
        var dead = all ? _processes : [_processes[first]];
        foreach (var process in dead)
        {
            process.Store.HasCrashed = true;
            process.Turns.ForEach(turn => turn.Dispose());
            process.Turns.Clear();
        }

        if (all)
            await _store.CrashAsync();
        for (var i = 0; i < dead.Length; i++)
            _processes[first + i] = new SoakProcess(_store.Open(), _clock);
        await CompareAllAsync();
    }

    /// <summary>Applies the renewals of a third of a lease to the model.</summary>
    private void Renew()
    {
        foreach (var process in _processes)
        {
            foreach (var turn in process.Turns.Where(turn => !turn.IsLost))
            {
                if (_clock.GetElapsedTime(turn.RenewedAt) >= ModelLease.Duration)
                {
                    turn.IsLost = true;
                }
                else if (!process.Store.IsPaused && turn.Conversation!.IsHeldBy(turn.Run!))
                {
                    turn.Conversation.Lease = new ModelLease(turn.Run!, Now + ModelLease.Duration);
                    (turn.RenewedAt, turn.RenewedTime) = (_clock.GetTimestamp(), Now);
                }
                else if (!process.Store.IsPaused)
                {
                    turn.IsLost = true;
                }
            }
        }
    }
}
