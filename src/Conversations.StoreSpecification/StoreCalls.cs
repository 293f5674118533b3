using Conversations.Storage;

namespace Conversations.StoreSpecification;

/// <summary>A call of each member of a store that takes a token, on a conversation with an open run.</summary>
internal sealed class StoreCalls(IConversationStore store, StoredConversation opened)
{
    private readonly ConversationAccess _access = new(opened.Conversation.Project, null);

    /// <summary>Gets the names of the members that every store has. The deletion is the last.</summary>
    public static IReadOnlyList<string> Members { get; } =
    [
        nameof(IConversationStore.LoadAsync),
        nameof(IConversationStore.ReadMessagesAsync),
        nameof(IConversationStore.ReadRunsAsync),
        nameof(IConversationStore.ListConversationsAsync),
        nameof(IConversationStore.PingAsync),
        nameof(IConversationStore.TryWriteAsync),
        nameof(IConversationStore.DeleteConversationAsync),
    ];

    /// <summary>Calls a member.</summary>
    public async Task CallAsync(string member, CancellationToken cancellationToken)
    {
        var id = opened.Conversation.Id;
        switch (member)
        {
            case nameof(IConversationStore.LoadAsync):
                await store.LoadAsync(new ConversationLookup { Access = _access, ConversationId = id, Window = new WindowSize(9) }, cancellationToken);
                break;
            case nameof(IConversationStore.ReadMessagesAsync):
                await store.ReadMessagesAsync(new MessageRange { Access = _access, ConversationId = id, Limit = 9 }, cancellationToken);
                break;
            case nameof(IConversationStore.ReadRunsAsync):
                await store.ReadRunsAsync(new RunRange { Access = _access, ConversationId = id, Limit = 9 }, cancellationToken);
                break;
            case nameof(IConversationStore.ListConversationsAsync):
                await store.ListConversationsAsync(new ConversationListing { Access = _access, Limit = 9 }, cancellationToken);
                break;
            case nameof(IConversationStore.PingAsync):
                await store.PingAsync(cancellationToken);
                break;
            case nameof(IConversationStore.TryWriteAsync):
                await store.TryWriteAsync(Rename(), cancellationToken);
                break;
            case nameof(IConversationStore.DeleteConversationAsync):
                await store.DeleteConversationAsync(id, _access, cancellationToken);
                break;
            case nameof(IConversationStreamStore.AppendSegmentsAsync):
                await store.GetFeature<IConversationStreamStore>()!.AppendSegmentsAsync(Segments(), cancellationToken);
                break;
            case nameof(IConversationStreamStore.ReadSegmentsAsync):
                await store.GetFeature<IConversationStreamStore>()!.ReadSegmentsAsync(new SegmentRange { Access = _access, ConversationId = id, RunNumber = 1, Limit = 9 }, cancellationToken);
                break;
            case nameof(IConversationUsageStore.SumUsageAsync):
                await store.GetFeature<IConversationUsageStore>()!.SumUsageAsync(_access, new UsageQuery(), cancellationToken);
                break;
            case nameof(IConversationDataStore.ReadDataAsync):
                await store.GetFeature<IConversationDataStore>()!.ReadDataAsync(new DataLookup { Access = _access, ConversationId = id, Position = 1, Hash = "hash" }, cancellationToken);
                break;
            case nameof(IConversationFeedbackStore.ReadFeedbackAsync):
                await store.GetFeature<IConversationFeedbackStore>()!.ReadFeedbackAsync(new FeedbackRange { Access = _access, Limit = 9 }, cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(member), member, "The member is unknown.");
        }
    }

    private ConversationBatch Rename() => new()
    {
        Access = _access,
        Conversations = [new ConversationWrite { Conversation = opened with { Conversation = opened.Conversation with { Title = "changed" } } }],
        Durability = WriteDurability.Disk,
    };

    private SegmentBatch Segments() => new()
    {
        Access = _access,
        ConversationId = opened.Conversation.Id,
        RunNumber = opened.OpenRun!.Run.Number,
        Token = opened.OpenRun.Token,
        Segments = [new StreamSegment(1, 0, "a")],
    };
}
