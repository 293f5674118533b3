using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>A call of every member of a store that takes a token, on a conversation with an open turn.</summary>
internal static class EveryMember
{
    /// <summary>The names of the members that write.</summary>
    public static IReadOnlyList<string> Writes { get; } =
    [
        nameof(IConversationStore.BeginTurnAsync),
        nameof(IConversationStore.CommitTurnAsync),
        nameof(IConversationStore.RenewLeaseAsync),
        nameof(IConversationStore.CreateConversationAsync),
        nameof(IConversationStore.UpdateConversationAsync),
        nameof(IConversationStore.DeleteMessageAsync),
        nameof(IConversationStore.DeleteConversationAsync),
    ];

    /// <summary>The names of all of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Writes,
        nameof(IConversationStore.ReadWindowAsync),
        nameof(IConversationStore.ReadMessagesAsync),
        nameof(IConversationStore.GetConversationAsync),
        nameof(IConversationStore.GetCurrentAsync),
        nameof(IConversationStore.ListConversationsAsync),
        nameof(IConversationStore.GetRunAsync),
        nameof(IConversationStore.ListRunsAsync),
    ];

    /// <summary>The calls, by the name of the member.</summary>
    public static Dictionary<string, Func<CancellationToken, Task>> Of(IConversationStore store, BeginTurnCommand turn, TurnLease open, CreateConversationCommand creation)
    {
        var id = open.ConversationId;
        var access = turn.Access;
        return new Dictionary<string, Func<CancellationToken, Task>>(StringComparer.Ordinal)
        {
            [nameof(store.BeginTurnAsync)] = async token => await store.BeginTurnAsync(turn, token),
            [nameof(store.CommitTurnAsync)] = async token => await store.CommitTurnAsync(new CommitTurnCommand { Lease = open, Status = RunStatus.Completed }, token),
            [nameof(store.RenewLeaseAsync)] = async token => await store.RenewLeaseAsync(open, token),
            [nameof(store.ReadWindowAsync)] = async token => await store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = access, Before = 9, Limit = 9 }, token),
            [nameof(store.ReadMessagesAsync)] = async token => await store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = access, Limit = 9 }, token),
            [nameof(store.GetConversationAsync)] = async token => await store.GetConversationAsync(id, access, token),
            [nameof(store.GetCurrentAsync)] = async token => await store.GetCurrentAsync(creation.Scope, token),
            [nameof(store.ListConversationsAsync)] = async token => await store.ListConversationsAsync(new ConversationListing { Access = access, Limit = 9 }, token),
            [nameof(store.GetRunAsync)] = async token => await store.GetRunAsync(id, open.Fence, access, token),
            [nameof(store.ListRunsAsync)] = async token => await store.ListRunsAsync(new RunListing { ConversationId = id, Access = access, Limit = 9 }, token),
            [nameof(store.CreateConversationAsync)] = async token => await store.CreateConversationAsync(creation, token),
            [nameof(store.UpdateConversationAsync)] = async token => await store.UpdateConversationAsync(id, access, new ConversationChange { Title = "changed", Status = ConversationStatus.Ended }, token),
            [nameof(store.DeleteMessageAsync)] = async token => await store.DeleteMessageAsync(id, 1, access, token),
            [nameof(store.DeleteConversationAsync)] = async token => await store.DeleteConversationAsync(id, access, token),
        };
    }
}
