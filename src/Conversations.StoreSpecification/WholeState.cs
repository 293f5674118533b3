using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>All that can be read of the default project, with each way to read it, to tell whether two stores show the same.</summary>
internal static class WholeState
{
    private const int Most = 100;

    /// <summary>Reads it.</summary>
    public static async Task<IReadOnlyList<object?>> OfAsync(IConversationStore store)
    {
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);
        var state = new List<object?>();
        foreach (var conversation in await store.ListConversationsAsync(new ConversationListing { Access = host, Limit = Most }))
        {
            state.Add(conversation);
            state.Add(await store.GetConversationAsync(conversation.Id, host));
            state.Add((await store.GetCurrentAsync(ConversationScope.Parse(conversation.SessionId)))?.Id);
            state.AddRange(await store.ReadWindowAsync(new WindowQuery { ConversationId = conversation.Id, Access = host, Before = long.MaxValue, Limit = Most }));
            var messages = await store.ReadMessagesAsync(new MessageRange { ConversationId = conversation.Id, Access = host, Limit = Most });
            state.AddRange(messages);
            if (store.GetFeature<IConversationSummaryStore>() is { } summaries)
                state.Add(await summaries.GetSummaryAsync(conversation.Id, host, long.MaxValue));
            foreach (var number in messages.Select(message => message.RunNumber).OfType<long>().Distinct())
            {
                state.Add(await store.GetRunAsync(conversation.Id, number, host));
                if (store.GetFeature<IConversationStreamStore>() is { } streams && await streams.ReadStreamAsync(new StreamQuery { ConversationId = conversation.Id, RunNumber = number, Access = host, Limit = Most }) is { } read)
                    state.AddRange([read.Run, read.IsLeaseExpired, .. read.Segments]);
            }

            state.AddRange(await store.ListRunsAsync(new RunListing { ConversationId = conversation.Id, Access = host, Limit = Most }));
        }

        return state;
    }
}
