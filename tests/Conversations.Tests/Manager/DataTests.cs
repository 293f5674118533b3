using Conversations.Storage;

namespace Conversations.Tests.Manager;

public sealed class DataTestsInMemory : DataTests<InMemory>;

public sealed class DataTestsOnSqlite : DataTests<Sqlite>;

/// <summary>Pictures, audio and files: kept beside the messages, shown to the model, read by those who reach the message, and deleted with the last message that has them.</summary>
public abstract class DataTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Large_data_are_not_loaded_with_a_page_and_small_data_are()
    {
        var (large, small) = (Picture(1), new DataPart("image/png", new byte[32 * 1024]));
        var result = await SendAsync(large, small);

        var message = (await MessagesAsync(result))[0];

        message.Parts.Should().Equal(new TextPart("look"), large, small);
        message.Parts.OfType<DataPart>().Select(part => part.IsLoaded).Should().Equal(false, true);
        message.Tokens!.Value.Count.Should().BeLessThan(4_000);
    }

    [Fact]
    public async Task LoadData_of_a_prompt_returns_the_bytes_of_the_history_and_the_input()
    {
        await SendAsync(Picture(1));
        IReadOnlyList<ConversationMessage> prompt = [];

        await Alice.RunTurnAsync(Input(Picture(2)), async (turn, token) => prompt = await turn.LoadDataAsync(turn.Prompt, token), Cancellation);

        prompt.SelectMany(message => message.Parts).OfType<DataPart>().Select(part => (part, part.IsLoaded)).Should().Equal((Picture(1), true), (Picture(2), true));
    }

    [Fact]
    public async Task LoadData_of_a_prompt_reads_each_data_once_a_turn()
    {
        await SendAsync(Picture(1), Picture(2));
        await SendAsync(Picture(1));
        await using var store = new CountingDataStore(Store);
        var alice = new ConversationManager(store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));

        await alice.RunTurnAsync(Bot, "again", async (turn, token) =>
        {
            await turn.LoadDataAsync(turn.Prompt, token);
            turn.Add(ConversationMessage.Assistant("a"));
            await turn.LoadDataAsync(turn.Prompt, token);
        }, Cancellation);

        store.Reads.Should().Be(2);
    }

    [Fact]
    public async Task LoadData_of_a_prompt_says_what_cannot_be_read()
    {
        var result = await SendAsync(Picture(1));
        IReadOnlyList<ConversationMessage> prompt = [];

        await Alice.RunTurnAsync(Bot, "again", async (turn, token) =>
        {
            await Alice.DeleteMessageAsync(result.InputMessageId!, token);
            prompt = await turn.LoadDataAsync(turn.Prompt, token);
        }, Cancellation);

        prompt[1].Parts.Should().Equal(new TextPart("look"), new TextPart("[image/png: cannot be read]"));
    }

    [Fact]
    public async Task GetData_returns_one_part_with_its_bytes()
    {
        var small = new DataPart("text/plain", new byte[] { 65 }, "a.txt");
        var result = await SendAsync(Picture(1), small);

        (await Alice.GetDataAsync(result.InputMessageId!, Picture(1).Hash, Cancellation))!.Data.ToArray().Should().Equal(Picture(1).Data.ToArray());
        (await Alice.GetDataAsync(result.InputMessageId!, small.Hash, Cancellation)).Should().Be(small);
        (await Alice.GetDataAsync(result.InputMessageId!, Picture(2).Hash, Cancellation)).Should().BeNull();
        (await Alice.GetDataAsync(result.ReplyMessageId!, Picture(1).Hash, Cancellation)).Should().BeNull();
        (await Bob.GetDataAsync(result.InputMessageId!, Picture(1).Hash, Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task LoadData_of_a_message_returns_it_as_it_was_sent()
    {
        var result = await SendAsync(Picture(1), Picture(2));
        var message = (await MessagesAsync(result))[0];

        var loaded = await Alice.LoadDataAsync(message, Cancellation);

        loaded.Should().Be(message);
        loaded.Parts.OfType<DataPart>().Select(part => part.Data.Length).Should().Equal(Picture(1).Size, Picture(2).Size);
        (await Alice.LoadDataAsync(loaded, Cancellation)).Should().BeSameAs(loaded);
    }

    [Fact]
    public async Task LoadData_of_a_message_that_was_deleted_throws()
    {
        var result = await SendAsync(Picture(1));
        var message = (await MessagesAsync(result))[0];
        await Alice.DeleteMessageAsync(message.Id, Cancellation);

        var load = () => Alice.LoadDataAsync(message, Cancellation);

        await load.Should().ThrowAsync<ConversationNotFoundException>();
    }

    [Fact]
    public async Task Message_with_data_that_are_not_loaded_is_refused()
    {
        var message = (await MessagesAsync(await SendAsync(Picture(1))))[0];
        var send = () => Bob.RunTurnAsync(new TurnRequest(Bot, message), Say("no"), Cancellation);
        var import = () => Manager.ImportAsync(new ConversationImport(Bot, [message]) { Identity = ConversationIdentity.ForUser("bob") }, Cancellation);
        var add = () => Bob.RunTurnAsync(Bot, "hello", (turn, _) => Task.FromResult(turn.Add(new ConversationMessage(MessageRole.Assistant, message.Parts))), Cancellation);

        await send.Should().ThrowAsync<ArgumentException>().WithMessage("*not loaded*");
        await import.Should().ThrowAsync<ArgumentException>().WithMessage("*not loaded*");
        await add.Should().ThrowAsync<ArgumentException>().WithMessage("*not loaded*");
    }

    [Fact]
    public async Task Fork_has_the_data_when_its_source_is_deleted()
    {
        var result = await SendAsync(Picture(1));
        var fork = await Alice.ForkAsync(result.ReplyMessageId!, cancellationToken: Cancellation);
        await Alice.DeleteAsync(result.ConversationId!, Cancellation);

        var copy = await Alice.GetDataAsync(ConversationIds.Message(fork.Id, 1), Picture(1).Hash, Cancellation);

        copy!.Data.ToArray().Should().Equal(Picture(1).Data.ToArray());
    }

    [Fact]
    public async Task Fork_of_a_source_that_is_deleted_meanwhile_is_not_found()
    {
        var result = await SendAsync(Picture(1));
        await using var store = new DeletingStore(Store, () => Alice.DeleteAsync(result.ConversationId!, Cancellation));
        var alice = new ConversationManager(store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));

        var fork = () => alice.ForkAsync(result.ReplyMessageId!, cancellationToken: Cancellation);

        await fork.Should().ThrowAsync<ConversationNotFoundException>();
        (await Alice.ListAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Repeated_request_with_the_same_data_is_a_replay_and_with_others_is_refused()
    {
        var first = await Alice.RunTurnAsync(Input(Picture(1)) with { IdempotencyKey = "k" }, Say("a"), Cancellation);

        var second = await Alice.RunTurnAsync(Input(Picture(1)) with { IdempotencyKey = "k" }, Say("b"), Cancellation);
        var other = () => Alice.RunTurnAsync(Input(Picture(2)) with { IdempotencyKey = "k" }, Say("b"), Cancellation);

        second.IsReplay.Should().BeTrue();
        second.RunId.Should().Be(first.RunId);
        await other.Should().ThrowAsync<IdempotencyMismatchException>();
    }

    [Fact]
    public async Task Retry_of_a_failed_request_shows_the_stored_data()
    {
        IReadOnlyList<ConversationMessage> prompt = [];
        var fail = () => Alice.RunTurnAsync(Input(Picture(1)) with { IdempotencyKey = "k" }, (_, _) => throw new InvalidOperationException("failed"), Cancellation);
        await fail.Should().ThrowAsync<InvalidOperationException>();

        await Alice.RunTurnAsync(Input(Picture(1)) with { IdempotencyKey = "k" }, async (turn, token) => prompt = await turn.LoadDataAsync(turn.Prompt, token), Cancellation);

        prompt[^1].Parts.OfType<DataPart>().Should().ContainSingle().Which.Data.Length.Should().Be(Picture(1).Size);
    }

    [Fact]
    public async Task Streamed_picture_is_kept_beside_its_message()
    {
        var result = await Alice.RunTurnAsync(Bot, "draw", async (turn, token) =>
        {
            var pieces = new ContentPart[] { new TextPart("Here "), new TextPart("it is."), Picture(1) }.ToAsyncEnumerable();
            await foreach (var piece in turn.StreamAsync(pieces, part => new ConversationMessage(MessageRole.Assistant, part), cancellationToken: token))
                _ = piece;
        }, Cancellation);

        var message = (await MessagesAsync(result))[1];

        message.Parts.Should().Equal(new TextPart("Here it is."), Picture(1));
        message.Parts.OfType<DataPart>().Single().IsLoaded.Should().BeFalse();
        (await Alice.LoadDataAsync(message, Cancellation)).Parts.OfType<DataPart>().Single().IsLoaded.Should().BeTrue();
    }

    [Fact]
    public async Task Bytes_count_against_the_limit_of_a_message_as_they_are()
    {
        var options = Options();
        options.Limits.MaxMessageBytes = 100_100;
        var alice = new ConversationManager(Store, options, Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var send = (int size) => alice.RunTurnAsync(Input(new DataPart("image/png", new byte[size])), Say("a"), Cancellation);

        await send.Invoking(send => send(100_000)).Should().NotThrowAsync();
        await send.Invoking(send => send(100_100)).Should().ThrowAsync<MessageTooLargeException>();
    }

    [Fact]
    public async Task Store_without_the_feature_keeps_data_within_its_messages()
    {
        await using var store = new PlainStore(Store);
        var alice = new ConversationManager(store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var result = await alice.RunTurnAsync(Input(Picture(1)), Say("a"), Cancellation);

        var message = (await MessagesAsync(result))[0];

        message.Parts.OfType<DataPart>().Single().Data.ToArray().Should().Equal(Picture(1).Data.ToArray());
    }

    private static DataPart Picture(int number)
    {
        var bytes = new byte[100_000];
        new Random(number).NextBytes(bytes);
        return new DataPart("image/png", bytes, "a.png");
    }

    private static TurnRequest Input(params DataPart[] data) => new(Bot, new ConversationMessage(MessageRole.User, [new TextPart("look"), .. data]));

    private Task<TurnResult> SendAsync(params DataPart[] data) => AskAsync(Input(data));

    private async Task<List<StoredMessage>> MessagesAsync(TurnResult result) => await Alice.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);

    private sealed class CountingDataStore(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public int Reads { get; private set; }

        public override ValueTask<byte[]?> ReadDataAsync(DataLookup lookup, CancellationToken cancellationToken = default)
        {
            Reads++;
            return base.ReadDataAsync(lookup, cancellationToken);
        }
    }

    /// <summary>Something is deleted between a read and the write after it.</summary>
    private sealed class DeletingStore(IConversationStore inner, Func<Task> deleteAsync) : DelegatingConversationStore(inner)
    {
        private bool _hasDeleted;

        public override async ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            if (!_hasDeleted)
            {
                _hasDeleted = true;
                await deleteAsync();
            }

            return await base.TryWriteAsync(batch, cancellationToken);
        }
    }

    private sealed class PlainStore(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public override T? GetFeature<T>()
            where T : class => null;
    }
}
