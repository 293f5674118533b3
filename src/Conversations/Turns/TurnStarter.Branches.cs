namespace Conversations;

/// <content>Turns without output, which only change which messages are current.</content>
internal sealed partial class TurnStarter
{
    /// <summary>Supersedes or restores messages, in a turn without output.</summary>
    /// <param name="plan">The turn; its existing input is what the change is about.</param>
    /// <param name="decideAsync">Reads what is to change, while the turn is open; null for nothing.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation.</param>
    /// <returns>False if nothing was to change.</returns>
    /// <exception cref="LeaseLostException">The turn lost its lease; nothing was written.</exception>
    public async Task<bool> ChangeAsync(TurnPlan plan, Func<BranchReader, CancellationToken, Task<BranchChange?>> decideAsync, CancellationToken cancellationToken)
    {
        _open.Begin();
        try
        {
            var begun = (TurnBegun)await _admission.BeginAsync(plan, Command(plan) with { OnlyChanges = true }, cancellationToken).ConfigureAwait(false);
            return await ChangeAsync(plan, begun, decideAsync, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _open.HasBegun();
        }
    }

    private async Task<bool> ChangeAsync(TurnPlan plan, TurnBegun begun, Func<BranchReader, CancellationToken, Task<BranchChange?>> decideAsync, CancellationToken cancellationToken)
    {
        var session = Session(plan, begun);
        try
        {
            session.KeepLease();
            var change = await decideAsync(new BranchReader(_store, plan.Access), cancellationToken).ConfigureAwait(false);
            var command = new CommitTurnCommand
            {
                Lease = begun.Lease,
                Access = plan.Access,
                Status = change is null ? RunStatus.Cancelled : RunStatus.Completed,
                SupersedeFrom = change?.SupersedeFrom,
                SupersedeOnly = change?.SupersedeOnly,
                Restore = change?.Restore,

                // No model is called, so the usage is known: zero.
                Usage = new TokenUsage(),
                Cost = 0,
            };
            await session.CommitAsync(command, CancellationToken.None).ConfigureAwait(false);
            return change is not null;
        }
        catch (Exception exception) when (exception is not LeaseLostException)
        {
            await session.GiveUpAsync(Unheld(plan, begun, exception)).ConfigureAwait(false);
            throw;
        }
    }
}
