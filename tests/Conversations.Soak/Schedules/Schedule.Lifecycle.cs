using System.Globalization;

namespace Conversations.Soak.Schedules;

internal sealed partial class Schedule
{
    private async Task DeleteMessageAsync()
    {
        var user = Pick(Users);
        if (PickMessage(user) is not (var conversation, var position, var messageId))
            return;

        Step($"{user} deletes {messageId}");
        var isDeleted = await Pick(_processes).Manager.As(user).DeleteMessageAsync(messageId);
        if (isDeleted != conversation.At(position) is not null)
            Wrong($"the deletion of {messageId} returned {isDeleted}");
        conversation.DeleteMessage(position);
        await CompareAsync(conversation);
    }

    private async Task DeleteAsync()
    {
        var user = Pick(Users);
        if (PickConversation(user) is not { } conversation)
            return;

        Step($"{user} deletes {conversation.Id}");
        if (!await Pick(_processes).Manager.As(user).DeleteAsync(conversation.Id))
            Wrong("nothing was deleted");
        _model.Delete(conversation);
        if (await Pick(_processes).Manager.GetAsync(conversation.Id) is not null)
            Wrong("it is still there");
    }

    private async Task EndConversationAsync()
    {
        var user = Pick(Users);
        if (PickConversation(user) is not { } conversation)
            return;

        Step($"{user} ends {conversation.Id}");
        await Pick(_processes).Manager.As(user).EndAsync(conversation.Id);
        conversation.End(Now);
        await CompareAsync(conversation);
    }

    private async Task ReopenAsync()
    {
        var user = Pick(Users);
        if (PickConversation(user) is not { } conversation)
            return;

        Step($"{user} reopens {conversation.Id}");
        await Pick(_processes).Manager.As(user).ReopenAsync(conversation.Id);
        if (!conversation.IsActive)
        {
            if (conversation.Scope.Active is null)
                conversation.Scope.Current = conversation;
            conversation.Reopen(Now);
        }

        await CompareAsync(conversation);
    }

    private async Task SetMetadataAsync()
    {
        var user = Pick(Users);
        if (PickConversation(user) is not { } conversation)
            return;

        var metadata = Chance(30) ? null : string.Create(CultureInfo.InvariantCulture, $$"""{"number":{{_random.Next(3)}}}""");
        Step($"{user} gives {conversation.Id} the metadata {metadata}");
        await Pick(_processes).Manager.As(user).SetMetadataAsync(conversation.Id, metadata);
        conversation.Metadata = metadata;
        var expected = _model.Conversations.Count(other => other.Scope.IsReachedBy(user) && (metadata is null || other.Metadata == metadata));
        var listed = await Pick(_processes).Manager.As(user).ListAsync(new ConversationQuery { Metadata = metadata }).CountAsync();
        if (listed != expected)
            Wrong($"{listed} conversations have that metadata, not {expected}");
        await CompareAsync(conversation);
    }

    private async Task CreateAsync()
    {
        var user = Pick(Users);
        var scope = Chance(70) ? _model.Scope(Agents.Own, user) : _model.Scope(Agents.Shared, null);
        Step($"{user} creates a conversation of {scope.Agent}");
        var created = await Pick(_processes).Manager.As(user).CreateAsync(scope.Agent);
        var conversation = new ModelConversation(created.Id, scope, Now);
        _model.Conversations.Add(conversation);
        scope.Current = conversation;
        await CompareAsync(conversation);
    }

    /// <summary>A user tries to reach a conversation of another user, which does not exist for this user.</summary>
    private async Task StrangerAsync()
    {
        var user = Pick(Users);
        if (_model.Conversations.FindAll(conversation => !conversation.Scope.IsReachedBy(user)) is not { Count: > 0 } others)
            return;

        var conversation = Pick(others);
        var messageId = $"msg_{conversation.Id["conv_".Length..]}_1";
        Step($"{user} tries {conversation.Id} of {conversation.Scope.User}");
        var view = Pick(_processes).Manager.As(user);
        if (await view.GetAsync(conversation.Id) is not null)
            Wrong("it was shown");
        if (await view.DeleteAsync(conversation.Id) || await view.DeleteMessageAsync(messageId))
            Wrong("it was deleted");
        string?[] codes =
        [
            (await TryAsync(view.RunTurnAsync(new TurnRequest(conversation.Scope.Agent, "let me in") { ConversationId = conversation.Id }, (_, _) => Task.CompletedTask))).Code,
            (await TryAsync(view.RegenerateAsync(messageId, (_, _) => Task.CompletedTask))).Code,
            (await TryAsync(view.RestoreAsync(messageId))).Code,
            (await TryAsync(view.ForkAsync(messageId))).Code,
            (await TryAsync(view.EndAsync(conversation.Id))).Code,
        ];
        foreach (var code in codes)
            Expect("a stranger", ConversationErrorCodes.ConversationNotFound, code);
        await CompareAsync(conversation);
    }
}
