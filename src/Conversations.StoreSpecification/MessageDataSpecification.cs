using System.Globalization;
using System.Security.Cryptography;
using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: pictures, audio and files that are kept beside messages.</summary>
public abstract class MessageDataSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Large = 100_000;

    /// <summary>Gets the names of the members of the feature.</summary>
    public static TheoryData<string> Members => [nameof(IConversationDataStore.ReadDataAsync)];

    /// <summary>Gets sizes of data in bytes.</summary>
    public static TheoryData<int> Sizes => [0, 1, Large, 10_000_000];

    private IConversationDataStore Data => Store.GetFeature<IConversationDataStore>() ?? throw new NotSupportedException("The store keeps no data. See StoreLacksAttribute.");

    [Fact, Rule("15.1")]
    public async Task ReadMessages_returns_data_without_bytes()
    {
        var part = Part(Picture(1));
        var created = await CreateWithAsync(ScopeOf(), Picture(1));

        ModelAssert.Equal(new ContentPart[] { new TextPart("see"), part }, Assert.Single(await MessagesAsync(created.Conversation.Id)).Parts);
    }

    [Fact, Rule("15.1")]
    public async Task Load_returns_window_with_data_without_bytes()
    {
        var created = await CreateWithAsync(ScopeOf(), Picture(1));

        var state = await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(9) });

        ModelAssert.Equal(new ContentPart[] { new TextPart("see"), Part(Picture(1)) }, Assert.Single(state.Window).Parts);
    }

    [Theory, Rule("15.2")]
    [MemberData(nameof(Sizes))]
    public async Task ReadData_returns_bytes_as_written(int size)
    {
        var bytes = Picture(1, size);
        var created = await CreateWithAsync(ScopeOf(), bytes);

        Assert.True(await ReadAsync(created, 1, bytes) is { } read && read.AsSpan().SequenceEqual(bytes));
    }

    [Fact, Rule("15.2")]
    public async Task ReadData_returns_each_of_several_data_of_a_message()
    {
        var created = await CreateWithAsync(ScopeOf(), Picture(1), Picture(2), Picture(3));

        foreach (var bytes in new[] { Picture(1), Picture(2), Picture(3) })
            await AssertReadsAsync(created, 1, bytes);
    }

    [Fact, Rule("15.2")]
    public async Task ReadData_returns_null_when_the_message_does_not_have_the_data()
    {
        var created = await CreateWithAsync(ScopeOf(), Picture(1));
        created = await WriteAsync(With(created, Picture(2)));

        Assert.Null(await ReadAsync(created, 1, Picture(2)));
        Assert.Null(await ReadAsync(created, 2, Picture(1)));
        Assert.Null(await ReadAsync(created, 3, Picture(1)));
        Assert.Null(await ReadAsync(created, 0, Picture(1)));
        Assert.Null(await ReadAsync(created, long.MaxValue, Picture(1)));
    }

    [Fact, Rule("15.2", "8.1")]
    public async Task ReadData_returns_null_when_out_of_reach()
    {
        var created = await CreateWithAsync(ScopeOf(), Picture(1));
        await CreateWithAsync(ScopeOf("user_2"), Picture(1));
        var lookup = Lookup(created, 1, Picture(1));

        Assert.Null(await Data.ReadDataAsync(lookup with { Access = AccessOf(ScopeOf("user_2")) }));
        Assert.Null(await Data.ReadDataAsync(lookup with { Access = new ConversationAccess("other", null) }));
        Assert.Null(await Data.ReadDataAsync(lookup with { Access = new ConversationAccess(ConversationScope.DefaultProject, []) }));
        Assert.Null(await Data.ReadDataAsync(lookup with { ConversationId = "conv_unknown" }));
        Assert.NotNull(await Data.ReadDataAsync(lookup with { Access = AccessOf(ScopeOf()) }));
    }

    [Fact, Rule("15.2")]
    public async Task ReadData_returns_data_of_superseded_messages()
    {
        var created = await CreateWithAsync(ScopeOf(), Picture(1));
        var changed = await WriteAsync(Touch(created) with { Superseded = [new SupersededChange(1, 1, null, 1)], Recounts = [new TokenRecount(1, new TokenAmount(5, "counter"))] });

        await AssertReadsAsync(changed, 1, Picture(1));
    }

    [Fact, Rule("15.3")]
    public async Task TryWrite_copies_data_of_a_message_of_the_scope()
    {
        await CreateWithAsync(ScopeOf(), Picture(1));

        var copy = await WriteAsync(With(NewConversation(), isCopy: true, Picture(1)));

        await AssertReadsAsync(copy, 1, Picture(1));
    }

    [Fact, Rule("15.3")]
    public async Task TryWrite_copies_data_of_a_message_before_it_in_the_batch()
    {
        var write = With(NewConversation(), Picture(1));
        var second = write.Messages[0] with { Position = 2 };
        var both = write with
        {
            Conversation = write.Conversation with { Conversation = write.Conversation.Conversation with { LastPosition = 2, MessageCount = 2 } },
            Messages = [.. write.Messages, second],
            Data = [.. write.Data, new MessageData(2, HashOf(Picture(1)))],
        };

        var written = await WriteAsync(both);

        await AssertReadsAsync(written, 2, Picture(1));
    }

    [Fact, Rule("15.3")]
    public async Task TryWrite_copies_data_of_a_long_conversation()
    {
        var created = await CreateWithAsync(ScopeOf(), Picture(1));
        var copy = With(NewConversation(), isCopy: true, Picture(1));
        var last = copy.Messages[^1];
        var longest = copy with
        {
            Conversation = copy.Conversation with { Conversation = copy.Conversation.Conversation with { LastPosition = LongConversation, MessageCount = LongConversation } },
            Messages = [.. copy.Messages, .. Enumerable.Range(2, LongConversation - 1).Select(position => last with { Position = position })],
            Data = [.. Enumerable.Range(1, LongConversation).Select(position => new MessageData(position, HashOf(Picture(1))))],
        };

        var written = await WriteAsync(longest);

        await AssertReadsAsync(written, LongConversation, Picture(1));
        Assert.True(await Store.DeleteConversationAsync(written.Conversation.Id, Host));
        await AssertReadsAsync(created, 1, Picture(1));
    }

    [Fact, Rule("15.3")]
    public async Task TryWrite_returns_false_when_the_scope_does_not_have_the_data_to_copy()
    {
        await CreateWithAsync(ScopeOf("user_2"), Picture(1));

        await AssertRefusedAsync(Batch(With(NewConversation(), isCopy: true, Picture(1))));
    }

    [Fact, Rule("15.3", "2.4")]
    public async Task TryWrite_keeps_no_data_of_a_batch_that_is_not_applied()
    {
        var created = await CreateAsync();
        await WriteAsync(Rename(created, "title"));
        Assert.False(await Store.TryWriteAsync(Batch(With(created, Picture(1)))));

        Assert.False(await Store.TryWriteAsync(Batch(With(NewConversation(), isCopy: true, Picture(1)))));
    }

    [Fact, Rule("15.4")]
    public async Task TryWrite_removes_data_with_the_last_message_that_has_them()
    {
        var first = await CreateWithAsync(ScopeOf(), Picture(1), Picture(2));
        var second = await CreateWithAsync(ScopeOf(), Picture(1));

        await WriteAsync(Touch(first) with { DeletedMessages = [1, 7] });

        Assert.Null(await ReadAsync(first, 1, Picture(1)));
        await AssertReadsAsync(second, 1, Picture(1));
        Assert.False(await Store.TryWriteAsync(Batch(With(NewConversation(), isCopy: true, Picture(2)))));

        await WriteAsync(Touch(second) with { DeletedMessages = [1] });

        Assert.False(await Store.TryWriteAsync(Batch(With(NewConversation(), isCopy: true, Picture(1)))));
    }

    [Fact, Rule("15.4")]
    public async Task TryWrite_removes_data_once_when_a_message_has_them_several_times()
    {
        var part = Part(Picture(1));
        var first = await CreateWithAsync(ScopeOf(), Picture(1));
        var write = Append(first, Stored(new ConversationMessage(MessageRole.User, part, new TextPart("again"), part)));
        var second = await WriteAsync(write with { Data = [new MessageData(2, part.Hash, Picture(1))] });

        await WriteAsync(Touch(second) with { DeletedMessages = [2] });

        await AssertReadsAsync(first, 1, Picture(1));
    }

    [Fact, Rule("15.4", "11.1")]
    public async Task DeleteConversation_removes_its_data_and_leaves_those_of_others()
    {
        var deleted = await CreateWithAsync(ScopeOf(), Picture(1), Picture(2));
        var kept = await CreateWithAsync(ScopeOf(), Picture(2));
        var other = await CreateWithAsync(ScopeOf("user_2"), Picture(1));

        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);

        Assert.Null(await ReadAsync(deleted, 1, Picture(1)));
        await AssertReadsAsync(kept, 1, Picture(2));
        await AssertReadsAsync(other, 1, Picture(1));
    }

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_token_is_canceled_before_the_call(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls.CallAsync(member, new CancellationToken(canceled: true)));
    }

    [Theory, Rule("12.2")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_ObjectDisposedException_after_disposal(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.CallAsync(member, CancellationToken.None));
    }

    private static byte[] Picture(int number, int size = Large)
    {
        var bytes = new byte[size];
        new Random(number).NextBytes(bytes);
        return bytes;
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Returns a part without its bytes, as the library writes it.</summary>
    private static DataPart Part(byte[] bytes)
    {
        var json = string.Create(CultureInfo.InvariantCulture, $$$"""[{"type":"data","media_type":"image/png","name":"a.png","hash":"{{{HashOf(bytes)}}}","size":{{{bytes.Length}}},"width":640,"height":480,"metadata":{"a":1}}]""");
        return (DataPart)MessageContent.Read(ContentFormat.Json, json, out _)[0];
    }

    private static DataLookup Lookup(StoredConversation conversation, long position, byte[] bytes) =>
        new() { ConversationId = conversation.Conversation.Id, Access = Host, Position = position, Hash = HashOf(bytes) };

    private ConversationWrite With(StoredConversation conversation, params byte[][] data) => With(conversation, isCopy: false, data);

    private ConversationWrite With(StoredConversation conversation, bool isCopy, params byte[][] data)
    {
        var write = Append(conversation, Stored(new ConversationMessage(MessageRole.User, [new TextPart("see"), .. data.Select(Part)])));
        return write with { Data = [.. data.Select(bytes => isCopy ? new MessageData(write.Messages[0].Position, HashOf(bytes)) : new MessageData(write.Messages[0].Position, HashOf(bytes), bytes))] };
    }

    private Task<StoredConversation> CreateWithAsync(ConversationScope scope, params byte[][] data) => WriteAsync(With(NewConversation(scope), data));

    private ValueTask<byte[]?> ReadAsync(StoredConversation conversation, long position, byte[] bytes) => Data.ReadDataAsync(Lookup(conversation, position, bytes));

    private async Task AssertReadsAsync(StoredConversation conversation, long position, byte[] bytes) =>
        Assert.True(await ReadAsync(conversation, position, bytes) is { } read && read.AsSpan().SequenceEqual(bytes), "The data are not those that were written.");
}
