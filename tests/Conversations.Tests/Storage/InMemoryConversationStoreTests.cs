using Conversations.Storage;

namespace Conversations.Tests.Storage;

/// <summary>Behavior that the specification cannot require of every store.</summary>
public sealed class InMemoryConversationStoreTests : IDisposable
{
    private static readonly ConversationScope Scope = new("default", "agent", ConversationOwner.Of(ConversationIdentity.ForUser("user_1")), "chat");
    private static readonly ConversationAccess Host = new("default", null);

    private readonly IConversationStore _store = new InMemoryConversationStore();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Members_complete_synchronously()
    {
        var write = _store.TryWriteAsync(Creation("conv_1", messages: 1), Token);
        var load = _store.LoadAsync(new ConversationLookup { Access = Host, ConversationId = "conv_1" }, Token);

        write.IsCompletedSuccessfully.Should().BeTrue();
        load.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public void Members_return_a_canceled_task_when_the_token_is_canceled()
    {
        var call = _store.TryWriteAsync(Creation("conv_1", messages: 1), new CancellationToken(canceled: true));

        call.IsCanceled.Should().BeTrue();
    }

    [Fact]
    public async Task TryWrite_stores_nothing_when_a_collection_throws_while_it_is_read()
    {
        var batch = Creation("conv_1", messages: 1);
        batch = batch with { Conversations = [batch.Conversations[0] with { Messages = new ThrowingList() }] };

        var writing = async () => await _store.TryWriteAsync(batch, Token);

        await writing.Should().ThrowAsync<NotSupportedException>();
        (await _store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 }, Token)).Should().BeEmpty();
    }

    [Fact]
    public async Task ReadMessages_costs_the_same_at_any_length_of_the_history()
    {
        await _store.TryWriteAsync(Creation("conv_short", messages: 20), Token);
        await _store.TryWriteAsync(Creation("conv_long", messages: 20_000), Token);
        await AllocatedAsync("conv_short");

        var few = await AllocatedAsync("conv_short");
        var many = await AllocatedAsync("conv_long");

        // What a read allocates grows with what it copies; twenty thousand references would be 160 kB.
        many.Should().BeLessThan(few + 10_000);
    }

    private static ConversationBatch Creation(string id, int messages) => new()
    {
        Access = Host,
        Scope = Scope,
        Durability = WriteDurability.Disk,
        Conversations =
        [
            new ConversationWrite
            {
                Conversation = new StoredConversation
                {
                    Conversation = new Conversation
                    {
                        Id = id,
                        SessionId = Scope.SessionId,
                        Project = Scope.Project,
                        Agent = Scope.Agent,
                        Channel = Scope.Channel,
                        UserId = "user_1",
                        MessageCount = messages,
                        LastPosition = messages,
                        CreatedAt = DateTimeOffset.UnixEpoch,
                        LastActivityAt = DateTimeOffset.UnixEpoch,
                    },
                },
                Messages = [.. Enumerable.Range(1, messages).Select(position => new StoredMessage(ConversationMessage.User("x"))
                {
                    ConversationId = id,
                    Position = position,
                    CreatedAt = DateTimeOffset.UnixEpoch,
                    Tokens = new TokenAmount(1, "counter"),
                })],
            },
        ],
    };

    private async Task<long> AllocatedAsync(string id)
    {
        var window = new ConversationLookup { Access = Host, ConversationId = id, Window = new WindowSize(20) };
        var byTokens = window with { Window = new WindowSize(int.MaxValue, new TokenAmount(20, "counter")) };
        var page = new MessageRange { ConversationId = id, Access = Host, NewestFirst = true, Limit = 20 };
        var token = Token;
        var before = GC.GetAllocatedBytesForCurrentThread();
        await _store.LoadAsync(window, token);
        await _store.LoadAsync(byTokens, token);
        await _store.ReadMessagesAsync(page, token);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class ThrowingList : IReadOnlyList<StoredMessage>
    {
        public int Count => 2;

        public StoredMessage this[int index] => throw new NotSupportedException();

        public IEnumerator<StoredMessage> GetEnumerator()
        {
            yield return ConversationMessage.User("first").StoredAt("conv_1", 1);
            throw new NotSupportedException();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
