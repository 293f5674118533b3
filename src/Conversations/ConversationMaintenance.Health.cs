using Conversations.Storage;

namespace Conversations;

public sealed partial class ConversationMaintenance
{
    // No conversation has it: ids are drawn at random, and begin with the time.
    private const string NoConversation = "conv_00000000000000000000000000000000";

    // A position that no conversation has. Twice over, nothing can begin.
    private const long Nowhere = -1;

    // Longer than stores wait for one another, and shorter than those wait who ask.
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(10);

    /// <summary>Looks whether the store can be read and written to: reads a conversation that does not exist, and asks for a turn of it, for which a store takes what it writes with and then writes nothing.
    /// A store that cannot be opened, is damaged where that looks, read-only, locked by others, or does not answer within ten seconds is found. That its disk is full is found by the first write alone.</summary>
    /// <remarks>For a health probe. It costs what a read and a turn's begin cost, and goes through the store's queue like these: how long it took tells how busy the store is.</remarks>
    /// <param name="cancellationToken">Cancels the check, and throws then.</param>
    /// <returns>How the store is; what a store throws is told here, too, and not thrown.</returns>
    public async Task<StoreHealth> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var begunAt = _timeProvider.GetTimestamp();
        var code = await FindFailureAsync(cancellationToken).ConfigureAwait(false);
        return new StoreHealth(code is null, code, _timeProvider.GetElapsedTime(begunAt));
    }

    private async Task<string?> FindFailureAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // A driver may block its thread, and a store that hangs need not listen to its token: neither is waited for longer than so.
            await Task.Run(() => ProbeAsync(end.Token), cancellationToken).WaitAsync(LongestCheck, _timeProvider, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (ConversationException exception)
        {
            return exception.Code;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // It took too long, the store was disposed of, or it throws what no store should.
            await end.CancelAsync().ConfigureAwait(false);
            return ConversationErrorCodes.StoreUnavailable;
        }
    }

    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await _store.GetConversationAsync(NoConversation, _access, cancellationToken).ConfigureAwait(false);
        var now = _timeProvider.GetUtcNow();
        var command = new BeginTurnCommand
        {
            Access = _access,
            Agent = "health",
            ConversationId = NoConversation,
            NewConversationId = ConversationIds.NewConversation(now),
            Input = [ConversationMessage.User("health") with { CreatedAt = now }],
            Caller = "",
            ExpectedLastPosition = Nowhere,
            LeaseDuration = TimeSpan.FromSeconds(1),
        };
        await _store.BeginTurnAsync(command, cancellationToken).ConfigureAwait(false);
    }
}
