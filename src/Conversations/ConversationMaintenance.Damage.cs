using System.Runtime.CompilerServices;
using Conversations.Storage;

namespace Conversations;

public partial class ConversationMaintenance
{
    private const int ConversationsAtATime = 50;

    // A message can be large.
    private const int RowsAtATime = 32;

    /// <summary>Reads all conversations of the project with their messages and runs, and returns where data are damaged.</summary>
    /// <remarks>Use it occasionally, such as before a backup: it reads everything, a few rows at a time, and turns do not wait for it. A message that is damaged, or whose pictures and files are, is reported with its position, all other damage
    /// with the conversation only, once. Damaged summaries and segments of streams are not reported: a reader passes over them. What is written during the check may be left out of it. The check cannot read a conversation that the store does not list any more.</remarks>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <returns>The places, as they are found. There are none if everything can be read.</returns>
    /// <exception cref="ConversationStoreException">The conversations cannot be listed: <c>STORE_CORRUPT</c> if the list itself is damaged.</exception>
    public virtual IAsyncEnumerable<DamagedData> FindDamageAsync(CancellationToken cancellationToken = default)
    {
        _ = Store;
        return CheckAsync(cancellationToken);
    }

    private async IAsyncEnumerable<DamagedData> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listing = new ConversationListing { Access = Access, Limit = ConversationsAtATime };
        while (await Store.ListConversationsAsync(listing, cancellationToken).ConfigureAwait(false) is { Count: > 0 } listed)
        {
            foreach (var conversation in listed)
            {
                foreach (var position in await CheckAsync(conversation.Id, cancellationToken).ConfigureAwait(false))
                    yield return new DamagedData(conversation.Id, position);
            }

            listing = listing with { After = new ListPosition(listed[^1].LastActivityAt, listed[^1].Id) };
        }
    }

    /// <summary>Finds the damaged messages of a conversation, and null for other damage.</summary>
    private async Task<List<long?>> CheckAsync(string id, CancellationToken cancellationToken)
    {
        var damaged = new List<long?>();
        try
        {
            var before = await Store.FindAsync(id, Access, cancellationToken).ConfigureAwait(false);
            var count = 0L;
            await foreach (var message in Store.ReadAllAsync(new MessageRange { ConversationId = id, Access = Access, Limit = RowsAtATime }, cancellationToken).ConfigureAwait(false))
            {
                count++;
                if (message.IsDamaged || await LacksDataAsync(message, cancellationToken).ConfigureAwait(false))
                    damaged.Add(message.Position);
            }

            await ReadRunsAsync(id, cancellationToken).ConfigureAwait(false);
            var after = await Store.FindAsync(id, Access, cancellationToken).ConfigureAwait(false);
            if (after is not null && after.Version == before?.Version && after.Conversation.MessageCount != count)
                damaged.Add(null);
        }
        catch (ConversationStoreException exception) when (string.Equals(exception.Code, ConversationErrorCodes.StoreCorrupt, StringComparison.Ordinal))
        {
            damaged.Add(null);
        }

        return damaged;
    }

    /// <summary>Returns whether data that are kept beside a message are missing or damaged.</summary>
    private async ValueTask<bool> LacksDataAsync(StoredMessage message, CancellationToken cancellationToken)
    {
        foreach (var data in message.Parts.OfType<DataPart>())
        {
            if (await Store.LoadDataAsync(message, data, Access, cancellationToken).ConfigureAwait(false) is null)
                return true;
        }

        return false;
    }

    private async Task ReadRunsAsync(string id, CancellationToken cancellationToken)
    {
        var range = new RunRange { ConversationId = id, Access = Access, Limit = RowsAtATime };
        while (await Store.ReadRunsAsync(range, cancellationToken).ConfigureAwait(false) is { Count: > 0 } read)
            range = range with { Before = read[^1].Run.Number };
    }
}
