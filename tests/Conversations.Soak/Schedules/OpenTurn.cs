using System.Globalization;

namespace Conversations.Soak.Schedules;

/// <summary>A turn whose agent waits until the schedule ends it.</summary>
internal sealed class OpenTurn(TimeProvider clock) : IDisposable
{
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource<Ending> _ending = new();
    private readonly CancellationTokenSource _cancellation = new();
    private ConversationTurn? _turn;
    private Task<TurnResult>? _result;

    public required ModelRequest Request { get; init; }

    /// <summary>The turn; null if the request was refused, or answered before.</summary>
    public ConversationTurn? Turn => _turn;

    public ModelConversation? Conversation { get; set; }

    public ModelRun? Run { get; set; }

    public ModelChange Change { get; set; } = new();

    /// <summary>When the lease was taken or last renewed, by a clock that never jumps.</summary>
    public long RenewedAt { get; set; } = clock.GetTimestamp();

    /// <summary>The time of the store's clock then.</summary>
    public DateTimeOffset RenewedTime { get; set; } = clock.GetUtcNow();

    /// <summary>The time now, as far as the turn knows: it does not see the clock jump.</summary>
    public DateTimeOffset KnownTime => RenewedTime + clock.GetElapsedTime(RenewedAt);

    /// <summary>Whether it was given up, so that it is not renewed any more.</summary>
    public bool IsLost { get; set; }

    /// <summary>Begins, and returns when the agent runs or the request needs no agent.</summary>
    public async Task BeginAsync(Func<Func<ConversationTurn, CancellationToken, Task>, CancellationToken, Task<TurnResult>> run)
    {
        _result = run(AnswerAsync, _cancellation.Token);
        await Task.WhenAny(_result, _started.Task);
    }

    /// <summary>Ends the agent.</summary>
    public void End(Ending ending)
    {
        if (ending.Outcome == RunStatus.Cancelled)
            _cancellation.Cancel();
        _ending.SetResult(ending);
    }

    public Task<TurnResult> ResultAsync() => _result!;

    public void Dispose() => _cancellation.Dispose();

    private async Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        _turn = turn;
        _started.SetResult();
        var ending = await _ending.Task;
        for (var piece = 1; piece <= ending.Pieces; piece++)
            turn.Add(ConversationMessage.Assistant(string.Create(CultureInfo.InvariantCulture, $"{turn.Input[0].Text} answered by {turn.RunId} {piece}")));
        if (ending.Outcome == RunStatus.RequiresAction)
            turn.Add(ConversationMessage.ToolCall("call", "look", "{}"));

        // A lost lease cancels the token, too; this agent ignores it.
        if (ending.Outcome == RunStatus.Cancelled)
            cancellationToken.ThrowIfCancellationRequested();
        if (ending.Outcome == RunStatus.Failed)
            throw new AgentFailedException();
    }
}
