namespace Conversations.Soak.Cancellations;

/// <summary>Cancels a token at one of the moments before and after each call that a flow of code makes.</summary>
internal sealed class CancellationPoint : IDisposable
{
    private static readonly AsyncLocal<CancellationPoint?> Flow = new();

    private readonly CancellationTokenSource _source = new();
    private int _left;

    /// <summary>Creates the point for the current flow of code.</summary>
    /// <param name="moment">The moment, counted from 0.</param>
    public CancellationPoint(int moment)
    {
        _left = moment;
        Flow.Value = this;
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the moment was reached.</summary>
    public bool HasCome => _source.IsCancellationRequested;

    /// <summary>One moment more.</summary>
    public static void Pass()
    {
        if (Flow.Value is { } point && point._left-- == 0)
            point._source.Cancel();
    }

    public void Dispose()
    {
        Flow.Value = null;
        _source.Dispose();
    }
}
