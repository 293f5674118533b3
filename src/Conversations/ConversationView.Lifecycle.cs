using Conversations.Storage;

namespace Conversations;

public abstract partial class ConversationView
{
    /// <summary>Creates an empty conversation, which becomes the current one. The previous one remains active.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="title">The title; <see langword="null"/> to derive it from the first user message.</param>
    /// <param name="metadata">The metadata, a JSON object (<see cref="Conversation.Metadata"/>); <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    /// <exception cref="ArgumentException">The metadata is not a JSON object, or exceeds <see cref="ConversationLimits.MaxConversationMetadataBytes"/>.</exception>
    public virtual async Task<Conversation> CreateAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, string? title = null, string? metadata = null, CancellationToken cancellationToken = default)
    {
        title = title is null ? null : WellFormed.Title(title, nameof(title));
        metadata = MetadataOf(metadata);
        var scope = await ScopeOfAsync(agent, thread, channel, cancellationToken).ConfigureAwait(false);
        return await CreateAsync(scope, title, metadata, CurrentConversationRule.Replace, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the current conversation, if any, and creates an empty one that becomes current.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The new conversation. The old one remains readable.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public virtual async Task<Conversation> ResetAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default)
    {
        var scope = await ScopeOfAsync(agent, thread, channel, cancellationToken).ConfigureAwait(false);
        return await CreateAsync(scope, title: null, metadata: null, CurrentConversationRule.End, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes the title of a conversation.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="title">The title; not blank.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The updated conversation.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown.</exception>
    public virtual Task<Conversation> RenameAsync(string conversationId, string title, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Title = WellFormed.Title(title, nameof(title)) }, cancellationToken);

    /// <summary>Replaces the metadata of a conversation (<see cref="Conversation.Metadata"/>). It is no activity: the place in lists does not change. An open turn is not affected.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="metadata">The metadata, a JSON object; <see langword="null"/> to remove it.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The updated conversation.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown.</exception>
    /// <exception cref="ArgumentException">The metadata is not a JSON object, or exceeds <see cref="ConversationLimits.MaxConversationMetadataBytes"/>.</exception>
    public virtual Task<Conversation> SetMetadataAsync(string conversationId, string? metadata, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Metadata = new MetadataChange(MetadataOf(metadata)) }, cancellationToken);

    /// <summary>Ends a conversation. It remains readable and accepts no turns. The next request without an id begins another conversation. An open turn can still commit.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The updated conversation; ending it again has no effect.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown.</exception>
    public virtual Task<Conversation> EndAsync(string conversationId, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken);

    /// <summary>Ends the current conversation, for example when its user leaves.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The conversation that was ended; <see langword="null"/> if none was active.</returns>
    /// <exception cref="IdentityRequiredException">The agent is per user and the caller has no identity.</exception>
    public virtual async Task<Conversation?> EndCurrentAsync(
        string agent, string? thread = null, string channel = ConversationChannels.Chat, CancellationToken cancellationToken = default)
    {
        var current = await GetCurrentAsync(agent, thread, channel, cancellationToken).ConfigureAwait(false);
        return current is null
            ? null
            : await Engine.ChangeAsync(current.Id, AccessTo(await ScopeOfAsync(agent, thread, channel, cancellationToken).ConfigureAwait(false)), new ConversationChange { Status = ConversationStatus.Ended }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reopens a conversation. It becomes the current one if its scope has no other current conversation.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns>The updated conversation; reopening an active conversation has no effect.</returns>
    /// <exception cref="ConversationNotFoundException">The conversation id is unknown.</exception>
    public virtual Task<Conversation> ReopenAsync(string conversationId, CancellationToken cancellationToken = default) =>
        ChangeAsync(conversationId, new ConversationChange { Status = ConversationStatus.Active }, cancellationToken);

    /// <summary>Deletes a conversation with all its messages and runs. An open turn loses its lease.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns><see langword="false"/> if the id is unknown.</returns>
    /// <exception cref="DeletionForbiddenException">The agent retains its conversations for audit, or the conversation is shared and the view has no grant (<see cref="ConversationGrants.DeleteShared"/>).</exception>
    public virtual async Task<bool> DeleteAsync(string conversationId, CancellationToken cancellationToken = default) =>
        await MayDeleteAsync(conversationId, cancellationToken).ConfigureAwait(false)
        && await Store.DeleteConversationAsync(conversationId, Access, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes several conversations with all their messages and runs, one after another. Open turns lose their leases.</summary>
    /// <remarks>The audit policy is checked for all of them before the first is deleted: if one cannot be deleted, none is.</remarks>
    /// <param name="conversationIds">The ids of the conversations. An id that occurs twice counts once.</param>
    /// <param name="cancellationToken">Cancels between two delete operations.</param>
    /// <returns>The number of deleted conversations. Unknown ids do not count.</returns>
    /// <exception cref="DeletionForbiddenException">An agent of these conversations retains them for audit, or one is shared and the view has no grant. Nothing was deleted.</exception>
    /// <exception cref="ArgumentException">An id is <see langword="null"/>, empty or blank, holds a NUL or is not well-formed UTF-16; nothing was deleted.</exception>
    public virtual async Task<int> DeleteAsync(IEnumerable<string> conversationIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conversationIds);
        var ids = conversationIds.Select(id => WellFormed.Key(id, nameof(conversationIds))).Distinct(StringComparer.Ordinal).ToList();
        var found = new List<string>(ids.Count);
        foreach (var id in ids)
        {
            if (await MayDeleteAsync(id, cancellationToken).ConfigureAwait(false))
                found.Add(id);
        }

        var deleted = 0;
        foreach (var id in found)
        {
            if (await Store.DeleteConversationAsync(id, Access, cancellationToken).ConfigureAwait(false))
                deleted++;
        }

        return deleted;
    }

    /// <summary>Deletes one message. Its position is not reused.</summary>
    /// <param name="messageId">The message.</param>
    /// <param name="cancellationToken">Cancels before the write.</param>
    /// <returns><see langword="false"/> if the id is unknown.</returns>
    /// <exception cref="DeletionForbiddenException">The agent retains its conversations for audit, or the conversation is shared and the view has no grant (<see cref="ConversationGrants.DeleteShared"/>).</exception>
    public virtual async Task<bool> DeleteMessageAsync(string messageId, CancellationToken cancellationToken = default)
    {
        WellFormed.Key(messageId, nameof(messageId));
        return ConversationIds.TryParseMessage(messageId, out var conversationId, out var position)
            && await MayDeleteAsync(conversationId, cancellationToken, position).ConfigureAwait(false)
            && await Engine.DeleteMessageAsync(conversationId, position, Access, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes all conversations of an agent. The host deletes all of them; an identity deletes those that it owns, never shared ones. They are deleted one by one. A conversation that is written to in the meantime may remain.</summary>
    /// <param name="agent">The agent's name.</param>
    /// <param name="cancellationToken">Cancels between two delete operations.</param>
    /// <returns>The number of deleted conversations.</returns>
    /// <exception cref="DeletionForbiddenException">The agent retains its conversations for audit.</exception>
    public virtual async Task<int> DeleteAllAsync(string agent, CancellationToken cancellationToken = default)
    {
        var definition = await Services.Agents.GetAsync(agent, nameof(agent), cancellationToken).ConfigureAwait(false);
        if (definition.RetainForAudit)
            throw new DeletionForbiddenException(agent);

        var own = Caller is null ? Access : Access with { Audiences = [ConversationOwner.Of(Caller).Audience] };
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

    private string? MetadataOf(string? metadata) =>
        metadata is null ? null : MetadataSize.Checked(JsonObjectText.Of(metadata, nameof(metadata)), Services.Agents.Limits, nameof(metadata));

    private async Task<Conversation> CreateAsync(ConversationScope scope, string? title, string? metadata, CurrentConversationRule current, CancellationToken cancellationToken)
    {
        var command = new CreateConversationCommand
        {
            ConversationId = ConversationIds.NewConversation(Services.TimeProvider.GetUtcNow()),
            Scope = scope,
            Title = title,
            Metadata = metadata,
            Current = current,
        };
        return await Engine.CreateAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Conversation> ChangeAsync(string conversationId, ConversationChange change, CancellationToken cancellationToken)
    {
        WellFormed.Key(conversationId, nameof(conversationId));
        return await Engine.ChangeAsync(conversationId, Access, change, cancellationToken).ConfigureAwait(false)
            ?? throw new ConversationNotFoundException(conversationId);
    }

    /// <summary>Determines whether a conversation, or one message of it, exists and may be deleted.</summary>
    private async Task<bool> MayDeleteAsync(string conversationId, CancellationToken cancellationToken, long? position = null)
    {
        if (await GetAsync(conversationId, cancellationToken).ConfigureAwait(false) is not { } conversation)
            return false;
        if (await Services.Agents.ForbidsDeletionAsync(conversation.Agent, byHost: Caller is null, cancellationToken).ConfigureAwait(false))
            throw new DeletionForbiddenException(conversation.Agent);
        if (Caller is null || Grants.DeleteShared || ConversationScope.Parse(conversation.SessionId).Owner.Identity is not null)
            return true;

        // What belongs to all is deleted by none of them, but for what came of their own requests.
        var isOfOthers = position is { } asked ? await IsOfOthersAsync(conversationId, asked, Caller, cancellationToken).ConfigureAwait(false) : true;
        if (isOfOthers is true)
            throw new DeletionForbiddenException(conversation.Agent, isShared: true);

        // Null means that there is no such message. One that comes later is not the one that was checked.
        return isOfOthers is not null;
    }

    /// <summary>Determines whether a message came of the request of another caller; null if there is no such message.</summary>
    private async Task<bool?> IsOfOthersAsync(string conversationId, long position, ConversationIdentity caller, CancellationToken cancellationToken)
    {
        if (await Store.ReadSpanAsync(conversationId, new MessageSpan(position, 1), Access, cancellationToken).ConfigureAwait(false) is not [var message])
            return null;

        var run = message.RunNumber is { } number ? await Store.FindRunAsync(conversationId, number, Access, cancellationToken).ConfigureAwait(false) : null;
        return !string.Equals(run?.Run.Caller, caller.Key, StringComparison.Ordinal);
    }
}
