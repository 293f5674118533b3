using System.Globalization;

namespace Conversations.Soak.Schedules;

internal sealed partial class Schedule
{
    /// <summary>A new request: of the current conversation, a new one or a named one, with a key or without.</summary>
    private async Task TurnAsync()
    {
        var user = Pick(Users);
        var agent = Chance(70) ? Agents.Own : Agents.Shared;
        var named = Chance(25) ? PickConversation(user) : null;
        var texts = Enumerable.Range(1, Chance(80) ? 1 : 2).Select(_ => string.Create(CultureInfo.InvariantCulture, $"{user} {++_requests}")).ToList();
        var scope = named?.Scope ?? _model.Scope(agent, agent == Agents.Own ? user : null);
        var request = new ModelRequest(scope, user, texts)
        {
            Named = named,
            StartNew = named is null && Chance(10),
            Key = Chance(50) ? string.Create(CultureInfo.InvariantCulture, $"key {_requests}") : null,
        };
        var asked = new TurnRequest(scope.Agent, texts.Select(ConversationMessage.User))
        {
            ConversationId = named?.Id,
            StartNew = request.StartNew,
            IdempotencyKey = request.Key,
        };
        if (request.Key is not null)
            _keyed.Add((request, asked));
        Step($"{user} asks {scope.Agent} '{string.Join("', '", texts)}' in {named?.Id ?? (request.StartNew ? "a new conversation" : "the current one")}, key '{request.Key}'");
        await AskAsync(request, asked);
    }

    /// <summary>A request with a key is sent again, unchanged or changed.</summary>
    private async Task RetryAsync()
    {
        if (_keyed.Count == 0)
            return;

        var (request, asked) = Pick(_keyed);
        if (Chance(15))
        {
            request = request with { Texts = ["something else"] };
            asked = new TurnRequest(asked.Agent, "something else") { ConversationId = asked.ConversationId, StartNew = asked.StartNew, IdempotencyKey = asked.IdempotencyKey };
        }

        Step($"{request.Caller} sends '{request.Key}' again: '{string.Join("', '", request.Texts)}'");
        await AskAsync(request, asked);
    }

    /// <summary>Sends a request, compares the outcome with the model, and leaves the turn open or ends it.</summary>
    private async Task AskAsync(ModelRequest request, TurnRequest asked)
    {
        var process = Pick(_processes);
        var begin = Model.Plan(request, Now);
        var turn = new OpenTurn(_clock) { Request = request };
        await turn.BeginAsync((answer, token) => process.Manager.As(request.Caller).RunTurnAsync(asked, answer, token));
        await BegunAsync(process, turn, begin);
    }

    private async Task BegunAsync(SoakProcess process, OpenTurn turn, ModelBegin begin)
    {
        Happened(begin.Code ?? (begin.Replayed is not null ? "answered as before" : turn.Request.Again is not null ? "answers again" : turn.Request.Replaced is not null ? "replaces" : begin.Saved is not null ? "begun on saved input" : "begun"));
        if (turn.Turn is not { } begun)
        {
            var (result, code) = await TryAsync(turn.ResultAsync());
            Expect("the answer", begin.Code, code);
            if (result is not null && begin.Replayed?.Number is var number && result.RunId?.Split('_')[^1] != number?.ToString(CultureInfo.InvariantCulture))
                Wrong($"it was answered with {result.RunId} in place of {number}");
            if (result is not null)
                ExpectReplay(begin, result);
            turn.Dispose();
            await CompareAsync(begin.Conversation);
            return;
        }

        var run = long.Parse(begun.RunId!.Split('_')[^1], CultureInfo.InvariantCulture);
        if (begin.Code is not null || begin.Replayed is not null)
            Wrong($"it has begun, and should have been {begin.Code ?? "answered as before"}");
        else if (begin.Conversation is { } expected && expected.Id != begun.ConversationId)
            Wrong($"it has begun in {begun.ConversationId} in place of {expected.Id}");
        else if (begin.Conversation is null && _model.Conversations.Exists(conversation => conversation.Id == begun.ConversationId))
            Wrong($"it has begun in {begun.ConversationId}, and should have in a new one");
        else if (run != (begin.Conversation?.NextNumber ?? 1))
            Wrong($"its number is {run}, and should be {begin.Conversation?.NextNumber ?? 1}");
        if (_findings.Count > 0)
            return;

        (turn.Conversation, turn.Run) = _model.Begin(turn.Request, begin, begun.ConversationId!, run, Now);
        if (turn.Request.Again is null && begin.Saved is not null)
            turn.Change = new ModelChange(SupersedeFrom: turn.Conversation.HalfDone(turn.Run.InputPosition, turn.Run.InputCount));
        process.Turns.Add(turn);
        if (Chance(65))
            await EndAsync(process, turn, PickEnding());
        else
            await CompareAsync(turn.Conversation);
    }

    private void ExpectReplay(ModelBegin begin, TurnResult result)
    {
        if (begin.Replayed is not { } run || begin.Conversation is not { } conversation)
            return;

        var expected = Enumerable.Range(0, run.OutputCount).Select(i => conversation.At(run.OutputPosition + i)).OfType<ModelMessage>().Select(message => message.Content);
        if (!result.IsReplay || !expected.SequenceEqual(result.Messages.Select(ModelMessage.ContentOf)))
            Wrong($"{result.RunId} was not answered with what it had been answered with");
    }

    /// <summary>A turn that was left open ends.</summary>
    private async Task EndTurnAsync()
    {
        var process = Pick(_processes);
        if (process.Turns.Count == 0)
            return;

        var turn = Pick(process.Turns);
        var ending = PickEnding();
        Step($"{turn.Turn!.RunId} ends: {ending}");
        await EndAsync(process, turn, ending);
    }

    private Ending PickEnding()
    {
        var pieces = _random.Next(4);
        return _random.Next(100) switch
        {
            < 65 => new Ending(RunStatus.Completed, pieces),
            < 75 => new Ending(RunStatus.RequiresAction, pieces),
            < 90 => new Ending(RunStatus.Failed, pieces),
            _ => new Ending(RunStatus.Cancelled, pieces),
        };
    }

    private async Task EndAsync(SoakProcess process, OpenTurn turn, Ending ending)
    {
        Step($"  {turn.Turn!.RunId}: {ending}");
        process.Turns.Remove(turn);
        turn.End(ending);
        var (result, code) = await TryAsync(turn.ResultAsync());
        var holds = turn.Conversation!.IsHeldBy(turn.Run!);
        var isCommit = ending.Outcome is RunStatus.Completed or RunStatus.RequiresAction;
        var expected = ending.Outcome switch
        {
            RunStatus.Failed => nameof(AgentFailedException),
            RunStatus.Cancelled => nameof(OperationCanceledException),
            _ => holds ? null : ConversationErrorCodes.LeaseLost,
        };
        Expect("the end", expected, code?.Split(':')[0]);
        if (result is not null && result.Messages.Count != turn.Turn.Added.Count)
            Wrong($"{result.RunId} was acknowledged with {result.Messages.Count} of {turn.Turn.Added.Count} messages");
        Happened(holds ? ending.Outcome.ToString() : "ended without the lease");
        if (holds)
        {
            var added = turn.Turn.Added.Select(message => ModelMessage.Of(message, message.CreatedAt!.Value, isPartial: !isCommit)).ToList();
            var takesPlace = turn.Request.Again is not null || turn.Request.Replaced is not null;
            var change = isCommit && (added.Count > 0 || turn.Request.Replaced is not null) ? turn.Change : new ModelChange(AreSuperseded: !isCommit && takesPlace);
            Model.Commit(turn.Conversation, turn.Run!, ending.Outcome, added, change, await EndTimeAsync(turn));
        }

        turn.Dispose();
        await CompareAsync(turn.Conversation);
    }

    /// <summary>When a turn ended. If the clock jumped while it was open, it is one of two times: the commit needs the time of the store only if others wrote to the conversation.</summary>
    private async Task<DateTimeOffset> EndTimeAsync(OpenTurn turn)
    {
        if (turn.KnownTime == Now)
            return Now;

        var run = await _processes[0].Manager.GetRunsAsync(turn.Conversation!.Id).FirstOrDefaultAsync(run => run.Number == turn.Run!.Number);
        return run?.EndedAt == turn.KnownTime ? turn.KnownTime : Now;
    }
}
