namespace ChatWithModel;

/// <summary>Ctrl-C stops the answer in progress; without one, it ends the program.</summary>
internal sealed class StopKey : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _answer;

    public StopKey() => Console.CancelKeyPress += OnPressed;

    /// <summary>An answer begins.</summary>
    /// <returns>What is cancelled to stop it.</returns>
    public CancellationTokenSource Begin()
    {
        lock (_gate)
            return _answer = new CancellationTokenSource();
    }

    /// <summary>It has ended.</summary>
    public void End()
    {
        lock (_gate)
        {
            _answer?.Dispose();
            _answer = null;
        }
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnPressed;
        End();
    }

    private void OnPressed(object? sender, ConsoleCancelEventArgs pressed)
    {
        lock (_gate)
        {
            pressed.Cancel = _answer is not null;
            _answer?.Cancel();
        }
    }
}
