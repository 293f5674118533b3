using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Begins an empty conversation, which becomes the current one. The one before it stays active.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="title">The title; <see langword="null"/> to have one made from the first user message.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public Task<Conversation> CreateAsync(
        string agent, string? title = null, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default) =>
        CreateAsync(ScopeOf(agent, thread, channel), title is null ? null : WellFormed.Title(title, nameof(title)), CurrentConversationRule.Replace, cancellationToken);

    /// <summary>Ends the current conversation, if there is one, and begins an empty one in its place.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The new conversation. The old one stays readable.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public Task<Conversation> ResetAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default) =>
        CreateAsync(ScopeOf(agent, thread, channel), title: null, CurrentConversationRule.End, cancellationToken);

    /// <summary>Gives a conversation another title.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="title">The title; not blank.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation as it is now.</returns>
    /// <exception cref="ConversationNotFoundException">It does not exist or is not reached.</exception>
    public Task<Conversation> RenameAsync(string conversationId, string title, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Title = WellFormed.Title(title, nameof(title)) }, cancellationToken);

    /// <summary>Ends a conversation: it stays readable, takes no turns, and the next message without an id begins another. A turn that is open can still commit.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation as it is now; ending it twice changes nothing.</returns>
    /// <exception cref="ConversationNotFoundException">It does not exist or is not reached.</exception>
    public Task<Conversation> EndAsync(string conversationId, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken);

    /// <summary>Ends the current conversation, as when its user leaves.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation that was ended; <see langword="null"/> if none was active.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public async Task<Conversation?> EndCurrentAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default)
    {
        var current = await GetCurrentAsync(agent, thread, channel, cancellationToken).ConfigureAwait(false);
        return current is null
            ? null
            : await Store.UpdateConversationAsync(
                current.Id, _access, new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a conversation again. It becomes the current one if no other has taken that place.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation as it is now; reopening an active one changes nothing.</returns>
    /// <exception cref="ConversationNotFoundException">It does not exist or is not reached.</exception>
    public Task<Conversation> ReopenAsync(string conversationId, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Status = ConversationStatus.Active }, cancellationToken);

    /// <summary>Deletes a conversation with all its messages and runs. An open turn of it loses its lease.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns><see langword="false"/> if it does not exist or is not reached.</returns>
    /// <exception cref="DeletionForbiddenException">The agent's conversations are kept for audit.</exception>
    public async Task<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default) =>
        await MayDeleteAsync(conversationId, cancellationToken).ConfigureAwait(false)
        && await Store.DeleteConversationAsync(conversationId, _access, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes one message. Its position stays empty.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns><see langword="false"/> if it does not exist or is not reached.</returns>
    /// <exception cref="DeletionForbiddenException">The agent's conversations are kept for audit.</exception>
    public async Task<bool> DeleteMessageAsync(string messageId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(messageId, nameof(messageId));
        return ConversationIds.TryParseMessage(messageId, out var conversationId, out var position)
            && await MayDeleteAsync(conversationId, cancellationToken).ConfigureAwait(false)
            && await Store.DeleteMessageAsync(conversationId, position, _access, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes all conversations of an agent: for the host all of them, for an identity its own, never what it shares with others. One by one, not at once; one that is touched meanwhile may be left.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="cancellationToken">Cancels between two deletions.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="DeletionForbiddenException">The agent's conversations are kept for audit.</exception>
    public async Task<int> DeleteAllAsync(string agent, CancellationToken cancellationToken = default)
    {
        var definition = _services.Agents.Get(agent, nameof(agent));
        if (definition.RetainForAudit)
            throw new DeletionForbiddenException(agent);

        var own = _caller is null ? _access : _access with { Audiences = [ConversationOwner.Of(_caller).Audience] };
        var query = new ConversationQuery { Agent = agent, PageSize = ConversationQuery.MaxPageSize };
        var deleted = 0;
        ListPosition? after = null;
        while (true)
        {
            var page = await ListPageAsync(query, own, after, cancellationToken).ConfigureAwait(false);
            foreach (var conversation in page.Items)
            {
                if (await Store.DeleteConversationAsync(conversation.Id, own, cancellationToken).ConfigureAwait(false))
                    deleted++;
            }

            if (page.NextCursor is null)
                return deleted;
            after = PageCursor.ReadList(page.NextCursor);
        }
    }

    private async Task<Conversation> CreateAsync(ConversationScope scope, string? title, CurrentConversationRule current, CancellationToken cancellationToken)
    {
        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(_services.TimeProvider.GetUtcNow()),
            Scope = scope,
            Title = title,
            Current = current,
        };
        return await Store.CreateConversationAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Conversation> ChangeAsync(string conversationId, ConversationChange change, CancellationToken cancellationToken)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return await Store.UpdateConversationAsync(conversationId, _access, change, cancellationToken).ConfigureAwait(false)
            ?? throw new ConversationNotFoundException(conversationId);
    }

    private async Task<bool> MayDeleteAsync(string conversationId, CancellationToken cancellationToken)
    {
        var conversation = await GetAsync(conversationId, cancellationToken).ConfigureAwait(false);
        if (conversation is not null && _services.Agents.ForbidsDeletion(conversation.Agent, byHost: _caller is null))
            throw new DeletionForbiddenException(conversation.Agent);

        return conversation is not null;
    }
}
