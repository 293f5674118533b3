using System.Globalization;

namespace Conversations.Soak.Schedules;

internal sealed partial class Schedule
{
    /// <summary>A user message is replaced, with everything after it.</summary>
    private async Task ReplaceAsync()
    {
        var user = Pick(Users);
        if (PickMessage(user) is not (var conversation, var position, var messageId))
            return;

        var text = string.Create(CultureInfo.InvariantCulture, $"{user} {++_requests}");
        var request = new ModelRequest(conversation.Scope, user, [text]) { Named = conversation, Replaced = position };
        var code = conversation.At(position) switch
        {
            null => ConversationErrorCodes.ConversationNotFound,
            { Role: not MessageRole.User } => Refused,
            { SupersededBy: not null } => ConversationErrorCodes.MessageSuperseded,
            _ => null,
        };
        var begin = code is not null ? new ModelBegin(code) : Model.Plan(request, Now);
        Step($"{user} replaces {messageId} by '{text}'");
        var process = Pick(_processes);
        var turn = new OpenTurn(_clock) { Request = request, Change = new ModelChange(SupersedeFrom: position) };
        await turn.BeginAsync((answer, token) => process.Manager.As(user).RunTurnAsync(new TurnRequest(conversation.Scope.Agent, text) { ReplaceMessageId = messageId }, answer, token));
        await BegunAsync(process, turn, begin);
    }

    /// <summary>A single message is superseded.</summary>
    private async Task SupersedeAsync()
    {
        var user = Pick(Users);
        if (PickMessage(user) is not (var conversation, var position, var messageId))
            return;

        var message = conversation.At(position);
        var request = new ModelRequest(conversation.Scope, user, []) { Named = conversation, Again = (position, 1), IsChange = true };
        var begin = message is { SupersededBy: null } ? Model.Plan(request, Now) : new ModelBegin(message is null ? ConversationErrorCodes.ConversationNotFound : null);
        Step($"{user} supersedes {messageId}");
        var (isSuperseded, code) = await TryAsync(Pick(_processes).Manager.As(user).SupersedeMessageAsync(messageId));
        Expect("the superseding", begin.Code, code);
        if (isSuperseded != (code is null && message is { SupersededBy: null }))
            Wrong($"the superseding returned {isSuperseded}");
        if (isSuperseded && _findings.Count == 0)
        {
            Happened("superseded");
            await ChangedAsync(request, begin, conversation, new ModelChange(Only: position));
        }

        await CompareAsync(conversation);
    }

    /// <summary>Someone stops an open run.</summary>
    private async Task StopAsync()
    {
        var turns = _processes.SelectMany(process => process.Turns).ToList();
        if (turns.Count == 0)
            return;

        var (user, turn) = (Pick(Users), Pick(turns));
        var (conversation, run) = (turn.Conversation!, turn.Run!);
        var isReached = conversation.Scope.IsReachedBy(user) && !conversation.IsDeleted;
        var isOpen = isReached && conversation.IsHeldBy(run);
        var isHeld = isOpen && conversation.IsLockedAt(Now);
        Step($"{user} stops {turn.Turn!.RunId}");
        var (isStopped, code) = await TryAsync(Pick(_processes).Manager.As(user).StopAsync(turn.Turn.RunId!));
        Expect("the stop", isReached ? null : ConversationErrorCodes.ConversationNotFound, code);
        if (isStopped != isOpen)
            Wrong($"the stop returned {isStopped}");
        if (isOpen && !isHeld)
            conversation.Interrupt(Now);
        if (isOpen)
            Happened(isHeld ? "stopped" : "stopped without a holder");
        await CompareAsync(conversation);
    }

    /// <summary>A change of messages was recorded as a run. Only the store knows which run did it.</summary>
    private async Task ChangedAsync(ModelRequest request, ModelBegin begin, ModelConversation conversation, ModelChange change)
    {
        var last = await _processes[0].Manager.GetRunsAsync(conversation.Id).FirstAsync();
        if (last.Number != conversation.NextNumber)
            Wrong($"the number of the change is {last.Number}, and should be {conversation.NextNumber}");
        var (_, run) = _model.Begin(request, begin, conversation.Id, last.Number, Now);
        Model.Commit(conversation, run, RunStatus.Completed, [], change, Now);
    }
}
