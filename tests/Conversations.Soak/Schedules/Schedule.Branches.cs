namespace Conversations.Soak.Schedules;

internal sealed partial class Schedule
{
    /// <summary>A message, or the input that it answers, is answered again.</summary>
    private async Task RegenerateAsync()
    {
        var user = Pick(Users);
        if (PickMessage(user) is not (var conversation, var position, var messageId))
            return;

        var input = conversation.InputOf(position);
        var code = input is not var (at, count)
            ? conversation.At(position) is { Run: null } ? Refused : ConversationErrorCodes.ConversationNotFound
            : conversation.IsCurrent(at, count) ? null : ConversationErrorCodes.MessageSuperseded;
        var request = new ModelRequest(conversation.Scope, user, []) { Named = conversation, Again = input };
        var begin = code is not null ? new ModelBegin(code) : Model.Plan(request, Now);
        Step($"{user} has {messageId} answered again");
        var process = Pick(_processes);
        var turn = new OpenTurn(_clock) { Request = request, Change = new ModelChange(SupersedeFrom: input is { } span ? conversation.AnswerTo(span.Position, span.Count) : null) };
        await turn.BeginAsync((answer, token) => process.Manager.As(user).RegenerateAsync(messageId, answer, token));
        await BegunAsync(process, turn, begin);
    }

    /// <summary>Superseded messages are restored.</summary>
    private async Task RestoreAsync()
    {
        var user = Pick(Users);
        if ((Chance(80) ? PickSuperseded(user) : PickMessage(user)) is not (var conversation, var position, var messageId))
            return;

        var superseder = conversation.At(position)?.SupersededBy;
        Step($"{user} restores {messageId}");
        var process = Pick(_processes);
        var (isRestored, code) = await TryAsync(process.Manager.As(user).RestoreAsync(messageId));
        if (conversation.At(position) is null)
        {
            Expect("the restoring", ConversationErrorCodes.ConversationNotFound, code);
        }
        else if (superseder is null)
        {
            Expect("the restoring", null, code);
            if (isRestored)
                Wrong("a current message was restored");
        }
        else if (conversation.RefusalOfRestoring(position, superseder) is { } refusal)
        {
            Expect("the restoring", refusal, code);
        }
        else
        {
            await RestoredAsync(user, conversation, superseder, isRestored, code);
        }

        await CompareAsync(conversation);
    }

    private async Task RestoredAsync(string user, ModelConversation conversation, ModelRun superseder, bool isRestored, string? code)
    {
        var input = (superseder.InputPosition, superseder.InputCount);
        var request = new ModelRequest(conversation.Scope, user, []) { Named = conversation, Again = input, IsChange = true };
        var begin = Model.Plan(request, Now);
        Expect("the restoring", begin.Code, code);
        if (code is not null || begin.Code is not null)
            return;
        Happened("restored");
        if (!isRestored)
            Wrong("nothing was restored");

        await ChangedAsync(request, begin, conversation, new ModelChange(conversation.RestoresFrom(superseder), superseder));
    }

    /// <summary>A conversation is begun with copies of another's.</summary>
    private async Task ForkAsync()
    {
        var user = Pick(Users);
        if (PickMessage(user) is not (var source, var position, var messageId))
            return;

        Step($"{user} forks {messageId}");
        var (fork, code) = await TryAsync(Pick(_processes).Manager.As(user).ForkAsync(messageId));
        Expect("the fork", source.At(position) switch
        {
            null => ConversationErrorCodes.ConversationNotFound,
            { SupersededBy: null } => null,
            _ => ConversationErrorCodes.MessageSuperseded,
        }, code);
        if (fork is null || code is not null)
            return;

        Happened("forked");
        await CompareAsync(_model.Fork(source, position, fork.Id, messageId, Now));
        await CompareAsync(source);
    }

    /// <summary>A message of a conversation that the user reaches, now and then one that was deleted.</summary>
    private (ModelConversation Conversation, long Position, string Id)? PickMessage(string user)
    {
        if (PickConversation(user) is not { Messages.Count: > 0 } conversation)
            return null;

        return At(conversation, _random.Next(conversation.Messages.Count) + 1);
    }

    private (ModelConversation Conversation, long Position, string Id)? PickSuperseded(string user)
    {
        var superseded = _model.Conversations
            .Where(conversation => conversation.Scope.IsReachedBy(user))
            .SelectMany(conversation => Enumerable.Range(1, conversation.Messages.Count).Select(position => (Conversation: conversation, Position: position)))
            .Where(message => message.Conversation.At(message.Position)?.SupersededBy is not null)
            .ToList();
        if (superseded.Count == 0)
            return null;

        var (conversation, position) = Pick(superseded);
        return At(conversation, position);
    }

    private static (ModelConversation Conversation, long Position, string Id) At(ModelConversation conversation, long position) =>
        (conversation, position, $"msg_{conversation.Id["conv_".Length..]}_{position}");
}
