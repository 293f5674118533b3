using Conversations.Soak.Checking;

namespace Conversations.Soak.Cancellations;

/// <summary>One user whose calls can each be cancelled at any moment.</summary>
internal sealed class CancelledUser(string user, ConversationManager manager, Ledger ledger, Random random)
{
    // As many as the longest call has, and a few more.
    private const int Moments = 16;

    private static readonly BusyPolicy Waiting = BusyPolicy.Wait(TimeSpan.FromMinutes(1));

    private readonly ScopedConversations _view = manager.As(user);
    private readonly List<Finding> _findings = [];
    private int _requests;
    private (string MessageId, int Request)? _lastAnswer;

    /// <summary>How often a token was cancelled.</summary>
    public int Cancellations { get; private set; }

    /// <summary>Continues until so many calls were cancelled.</summary>
    public async Task<List<Finding>> RunAsync(int cancellations)
    {
        while (Cancellations < cancellations)
        {
            await (random.Next(10) switch
            {
                < 5 => AskAsync(Agents.Own, ++_requests),
                < 7 => AskAsync(Agents.Shared, ++_requests),
                7 => AgainAsync(),
                8 => ForkAsync(),
                _ => ReadAsync(),
            });
        }

        return _findings;
    }

    /// <summary>Sends refused requests again, without cancellation.</summary>
    public async Task<List<Finding>> EndAsync()
    {
        foreach (var entry in ledger.Entries.Where(entry => entry.User == user && entry.RunId is null))
        {
            try
            {
                var result = await _view.RunTurnAsync(Request(entry.Request), Agents.AnswerAsync);
                ledger.Acknowledged(user, entry.Request, result.RunId!);
            }
            catch (ConversationException exception)
            {
                _findings.Add(new Finding(FindingKind.Wrong, $"{user}/{entry.Request} is refused after all cancellations: {exception.Code}"));
            }
        }

        return _findings;
    }

    // Odd requests are for the shared agent, so that the agent of each request is known.
    private TurnRequest Request(int request) =>
        Agents.Request(request % 2 == 0 ? Agents.Own : Agents.Shared, user, request) is var made && request % 2 == 0 ? made : new TurnRequest(made.Agent, made.Input) { IdempotencyKey = made.IdempotencyKey, OnBusy = Waiting };

    private async Task AskAsync(string agent, int request)
    {
        if (agent == Agents.Own != (request % 2 == 0))
            request = ++_requests;
        ledger.Asked(user, request);
        var (result, isCancelled) = await TryAsync(token => _view.RunTurnAsync(Request(request), AnswerAsync, token));
        if (isCancelled)
            ledger.Refused(user, request);
        else if (result is not null)
            ledger.Acknowledged(user, request, result.RunId!);
        if (agent == Agents.Own)
            _lastAnswer = result?.ReplyMessageId is { } reply ? (reply, request) : null;
    }

    private async Task AgainAsync()
    {
        if (_lastAnswer is not var (messageId, request))
            return;

        var (result, _) = await TryAsync(token => _view.RegenerateAsync(messageId, AnswerAsync, token));
        if (result is null)
            return;

        ledger.Acknowledged(user, request, result.RunId!);
        _lastAnswer = (result.ReplyMessageId!, request);
    }

    /// <summary>Creates a fork and deletes it: a fork that is reported as cancelled must not exist.</summary>
    private async Task ForkAsync()
    {
        if (_lastAnswer is not var (messageId, _))
            return;

        var current = await _view.GetCurrentAsync(Agents.Own);
        var (fork, _) = await TryAsync(token => _view.ForkAsync(messageId, cancellationToken: token));
        if (fork is null)
            return;

        var (isDeleted, isCancelled) = await TryAsync(token => _view.DeleteAsync(fork.Id, token));
        if (isCancelled && !await _view.DeleteAsync(fork.Id))
            _findings.Add(new Finding(FindingKind.Wrong, $"{fork.Id} was deleted, and the deletion was reported as cancelled"));
        else if (!isCancelled && !isDeleted)
            _findings.Add(new Finding(FindingKind.Lost, $"{fork.Id} was not there"));
        if (current is not null)
            await PointBackAsync(current.Id);
    }

    // A fork became the current conversation. After its deletion there is none, and reopening makes one current.
    private async Task PointBackAsync(string conversationId)
    {
        await _view.EndAsync(conversationId);
        await _view.ReopenAsync(conversationId);
    }

    private async Task ReadAsync() => await TryAsync(async token =>
    {
        await foreach (var conversation in _view.ListAsync(cancellationToken: token))
            _ = await _view.GetMessagePageAsync(conversation.Id, cancellationToken: token);
        return true;
    });

    private static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        for (var piece = 1; piece <= Mark.Of(turn.Input[0])!.Pieces; piece++)
        {
            CancellationPoint.Pass();
            cancellationToken.ThrowIfCancellationRequested();
            turn.Add(Agents.Piece(turn, piece));
        }

        return Task.CompletedTask;
    }

    private async Task<(T? Result, bool IsCancelled)> TryAsync<T>(Func<CancellationToken, Task<T>> call)
    {
        using var point = new CancellationPoint(random.Next(Moments));
        try
        {
            return (await call(point.Token), false);
        }
        catch (OperationCanceledException)
        {
            if (!point.HasCome)
                _findings.Add(new Finding(FindingKind.Wrong, "it was cancelled without a request"));
            return (default, true);
        }
        catch (Exception exception)
        {
            _findings.Add(new Finding(FindingKind.Wrong, $"{exception.GetType().Name}: {exception.Message}"));
            return (default, false);
        }
        finally
        {
            if (point.HasCome)
                Cancellations++;
        }
    }
}
