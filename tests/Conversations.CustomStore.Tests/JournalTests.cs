using System.Text;
using Conversations.Storage;
using Conversations.StoreSpecification;
using CustomStore;

namespace Conversations.CustomStore.Tests;

public sealed class JournalTests : IDisposable
{
    private static readonly ConversationScope Scope =
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.Of(ConversationIdentity.ForUser("ada")), ConversationChannels.Chat);

    private static readonly ConversationAccess Access = new(Scope.Project, audiences: null);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"sessionId\":\"chat:ada\",\"wri")]
    [InlineData("x")]
    [InlineData("{\"deleted\":\"conv_1\"}")]
    public async Task Open_drops_last_line_when_it_is_incomplete(string torn)
    {
        await CreateAsync("conv_1", "conv_2");
        var whole = await File.ReadAllBytesAsync(_folder.Journal, Cancellation);
        await File.AppendAllTextAsync(_folder.Journal, torn, Cancellation);

        await CreateAsync("conv_3");

        (await ListAsync()).Should().BeEquivalentTo("conv_1", "conv_2", "conv_3");
        (await File.ReadAllBytesAsync(_folder.Journal, Cancellation)).Should().StartWith(whole);
        (await File.ReadAllLinesAsync(_folder.Journal, Cancellation)).Should().HaveCount(4);
    }

    [Fact]
    public async Task Open_has_all_but_last_write_when_process_died_at_any_byte_of_it()
    {
        await CreateAsync("conv_1");
        var before = new FileInfo(_folder.Journal).Length;
        await CreateAsync("conv_2");
        var bytes = await File.ReadAllBytesAsync(_folder.Journal, Cancellation);

        for (var length = (int)before; length < bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(_folder.Journal, bytes[..length], Cancellation);

            (await ListAsync()).Should().Equal("conv_1");
        }
    }

    [Fact]
    public async Task Open_is_an_empty_store_when_process_died_at_any_byte_of_first_write()
    {
        await CreateAsync("conv_1");
        var first = await File.ReadAllBytesAsync(_folder.Journal, Cancellation);

        for (var length = 0; length < first.Length; length++)
        {
            await File.WriteAllBytesAsync(_folder.Journal, first[..length], Cancellation);

            (await ListAsync()).Should().BeEmpty();
            await CreateAsync("conv_1");
            (await File.ReadAllBytesAsync(_folder.Journal, Cancellation)).Should().Equal(first);
        }
    }

    [Theory]
    [InlineData("\"writes\":[{", "\"writes\":[}")]
    [InlineData("\"messageCount\"", "\"messageCoumt\"")]
    [InlineData("\"createdAt\"", "\"createdat\"")]
    [InlineData("{\"sessionId\"", "null,{\"sessionId\"")]
    [InlineData("\"current\":\"conv_1\"", "\"current\":\"conv_9\"")]
    [InlineData("\"expected\":\"conv_1\"", "\"expected\":\"conv_9\"")]
    [InlineData("\"version\":0", "\"version\":1")]
    [InlineData("\"position\":1", "\"position\":0")]
    [InlineData("chat:ada:agent", "other")]
    [InlineData("\"journal\"", "\"letters\"")]
    [InlineData("\"messages\":[{", "\"messages\":[null,{")]
    public async Task Open_throws_and_leaves_file_unchanged_when_a_line_is_damaged(string sound, string damaged)
    {
        await CreateAsync("conv_1", "conv_2");
        var text = await File.ReadAllTextAsync(_folder.Journal, Cancellation);
        var at = text.IndexOf(sound, StringComparison.Ordinal);
        at.Should().BePositive();
        var changed = string.Concat(text.AsSpan(0, at), damaged, text.AsSpan(at + sound.Length), "torn");
        await File.WriteAllTextAsync(_folder.Journal, changed, Cancellation);

        var opening = () => Open();

        opening.Should().Throw<ConversationStoreException>().Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        (await File.ReadAllTextAsync(_folder.Journal, Cancellation)).Should().Be(changed);
    }

    [Theory]
    [InlineData("A letter without a line break")]
    [InlineData("A letter\nof two lines\n")]
    [InlineData("{}")]
    public async Task Open_throws_and_leaves_file_unchanged_when_it_is_not_a_journal(string letter)
    {
        await File.WriteAllTextAsync(_folder.Journal, letter, Cancellation);

        var opening = () => Open();

        opening.Should().Throw<ConversationStoreException>().Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        (await File.ReadAllTextAsync(_folder.Journal, Cancellation)).Should().Be(letter);
    }

    [Fact]
    public async Task Open_throws_until_another_store_has_closed_the_folder()
    {
        var first = Open();
        var opening = () => Open();

        opening.Should().Throw<ConversationStoreException>().Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        await first.DisposeAsync();

        (await ListAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Open_creates_a_file_that_its_owner_alone_can_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Windows has no such permissions.");

        await CreateAsync("conv_1");

        new FileInfo(_folder.Journal).UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Write_throws_unavailable_when_disk_fails()
    {
        using var disk = new FailingFile(_folder.Journal) { Error = 5 };
        await using var store = new JournalConversationStore(() => disk, _time);
        disk.Room = 0;

        var writing = () => CreateAsync(store, "conv_1");

        (await writing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public async Task Write_changes_nothing_when_disk_is_full(int room)
    {
        using var disk = new FailingFile(_folder.Journal);
        await using var store = new JournalConversationStore(() => disk, _time);
        await CreateAsync(store, "conv_1");
        disk.Room = room;

        var writing = () => CreateAsync(store, "conv_2", "conv_1");

        (await writing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreFull);
        (await IdsAsync(store)).Should().Equal("conv_1");
        disk.Room = null;
        await CreateAsync(store, "conv_2", "conv_1");
        await store.DisposeAsync();
        (await ListAsync()).Should().BeEquivalentTo("conv_1", "conv_2");
    }

    [Fact]
    public async Task Store_is_unavailable_until_it_is_reopened_when_outcome_of_a_write_is_unknown()
    {
        using var disk = new FailingFile(_folder.Journal);
        await using var store = new JournalConversationStore(() => disk, _time);
        disk.IsBroken = true;

        var writing = () => CreateAsync(store, "conv_1");
        var reading = () => IdsAsync(store);

        (await writing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.CommitOutcomeUnknown);
        disk.IsBroken = false;
        (await reading.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        await store.DisposeAsync();
        (await ListAsync()).Should().Equal("conv_1");
    }

    [Fact]
    public async Task Write_for_the_process_is_flushed_with_next_write_for_the_disk()
    {
        using var disk = new FailingFile(_folder.Journal);
        await using var store = new JournalConversationStore(() => disk, _time);
        var length = disk.Length;

        await store.TryWriteAsync(Creation("conv_1", current: null) with { Durability = WriteDurability.Process }, Cancellation);
        var (flushes, lengthAfterFirst) = (disk.Flushes, disk.Length);
        await CreateAsync(store, "conv_2", "conv_1");

        flushes.Should().Be(0);
        lengthAfterFirst.Should().BeGreaterThan(length);
        disk.Flushes.Should().Be(1);
    }

    [Fact]
    public async Task File_contains_readable_text()
    {
        await CreateAsync("conv_1");

        var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_folder.Journal, Cancellation));

        text.Should().Contain("\"writes\":[{").And.Contain("grüße <b>");
    }

    private ConversationBatch Creation(string id, string? current)
    {
        var message = new StoredMessage(ConversationMessage.User("grüße <b>\n")) { ConversationId = id, Position = 1, CreatedAt = _time.GetUtcNow() };
        var conversation = new Conversation
        {
            Id = id,
            SessionId = Scope.SessionId,
            Project = Scope.Project,
            Agent = Scope.Agent,
            MessageCount = 1,
            LastPosition = 1,
            CreatedAt = _time.GetUtcNow(),
            LastActivityAt = _time.GetUtcNow(),
        };
        return new ConversationBatch
        {
            Access = Access,
            Scope = Scope,
            Conversations = [new() { Conversation = new StoredConversation { Conversation = conversation }, Messages = [message] }],
            PointerChange = new PointerChange(current, id),
            Durability = WriteDurability.Disk,
        };
    }

    private JournalConversationStore Open() => new(_folder.Path, _time);

    private async Task CreateAsync(params IEnumerable<string> ids)
    {
        await using var store = Open();
        foreach (var id in ids)
        {
            var state = await store.LoadAsync(new ConversationLookup { Access = Access, Scope = Scope }, Cancellation);
            await CreateAsync(store, id, state.Conversation?.Conversation.Id);
        }
    }

    private async Task CreateAsync(JournalConversationStore store, string id, string? current = null) =>
        (await store.TryWriteAsync(Creation(id, current), Cancellation)).Should().BeTrue();

    private async Task<IEnumerable<string>> ListAsync()
    {
        await using var store = Open();
        return await IdsAsync(store);
    }

    private static async Task<IEnumerable<string>> IdsAsync(JournalConversationStore store)
    {
        var listing = new ConversationListing { Access = Access, Limit = 100 };
        return (await store.ListConversationsAsync(listing, Cancellation)).Select(conversation => conversation.Id);
    }
}
