using System.Text;
using Conversations.Storage;
using Conversations.StoreSpecification;
using CustomStore;

namespace Conversations.CustomStore.Tests;

public sealed class JournalTests : IDisposable
{
    private static readonly ConversationScope Scope =
        new(ConversationScope.DefaultProject, "agent", ConversationOwner.Of(ConversationIdentity.ForUser("ada")), ConversationChannels.Chat);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"operation\":\"created\",\"conver")]
    [InlineData("x")]
    [InlineData("{\"operation\":\"created\"}")]
    public async Task Open_after_a_torn_last_line_drops_that_line_alone(string torn)
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
    public async Task Open_after_death_at_any_byte_of_the_last_line_has_all_but_the_last_write()
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
    public async Task Open_after_death_at_any_byte_of_the_first_line_is_an_empty_store()
    {
        await CreateAsync();
        var first = await File.ReadAllBytesAsync(_folder.Journal, Cancellation);

        for (var length = 0; length < first.Length; length++)
        {
            await File.WriteAllBytesAsync(_folder.Journal, first[..length], Cancellation);

            (await ListAsync()).Should().BeEmpty();
            (await File.ReadAllBytesAsync(_folder.Journal, Cancellation)).Should().Equal(first);
        }
    }

    [Theory]
    [InlineData("\"conversations\":[{", "\"conversations\":[}")]
    [InlineData("\"messageCount\"", "\"messageCoumt\"")]
    [InlineData("\"createdAt\"", "\"createdat\"")]
    [InlineData("{\"operation\"", "null,{\"operation\"")]
    [InlineData("\"current\":\"conv_1\"", "\"current\":\"conv_9\"")]
    [InlineData("chat:ada:agent", "nobody")]
    [InlineData("\"journal\"", "\"letters\"")]
    [InlineData("\"messages\":[{", "\"messages\":[null,{")]
    public async Task Open_of_a_damaged_journal_is_refused_and_leaves_it_alone(string sound, string damaged)
    {
        await CreateAsync("conv_1", "conv_2");
        var text = await File.ReadAllTextAsync(_folder.Journal, Cancellation);
        var at = text.IndexOf(sound, StringComparison.Ordinal);
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
    public async Task Open_of_another_file_is_refused_and_leaves_it_alone(string letter)
    {
        await File.WriteAllTextAsync(_folder.Journal, letter, Cancellation);

        var opening = () => Open();

        opening.Should().Throw<ConversationStoreException>().Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        (await File.ReadAllTextAsync(_folder.Journal, Cancellation)).Should().Be(letter);
    }

    [Fact]
    public async Task Open_of_a_folder_in_use_is_refused_until_it_is_free()
    {
        var first = Open();
        var opening = () => Open();

        opening.Should().Throw<ConversationStoreException>().Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        await first.DisposeAsync();

        (await ListAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Open_makes_a_journal_that_its_owner_alone_can_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Windows has no such permissions.");

        await CreateAsync("conv_1");

        new FileInfo(_folder.Journal).UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task Write_on_a_failing_disk_is_not_said_to_be_for_want_of_room()
    {
        using var disk = new FailingFile(_folder.Journal) { Error = 5 };
        await using var store = new JournalConversationStore(disk, _time);
        disk.Room = 0;

        var writing = () => store.CreateConversationAsync(Creation("conv_1"), Cancellation).AsTask();

        (await writing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public async Task Write_on_a_full_disk_leaves_the_journal_as_it_was(int room)
    {
        using var disk = new FailingFile(_folder.Journal);
        await using var store = new JournalConversationStore(disk, _time);
        await store.CreateConversationAsync(Creation("conv_1"), Cancellation);
        var length = disk.Length;
        disk.Room = room;

        var writing = () => store.CreateConversationAsync(Creation("conv_2"), Cancellation).AsTask();

        (await writing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreFull);
        disk.Length.Should().Be(length);
        (await IdsAsync(store)).Should().Equal("conv_1");
        disk.Room = null;
        await store.CreateConversationAsync(Creation("conv_2"), Cancellation);
        await store.DisposeAsync();
        (await ListAsync()).Should().BeEquivalentTo("conv_1", "conv_2");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_whose_outcome_is_unknown_says_so_and_all_that_follows_is_refused(bool isFull)
    {
        using var disk = new FailingFile(_folder.Journal);
        await using var store = new JournalConversationStore(disk, _time);
        disk.Room = isFull ? 10 : null;
        disk.IsBroken = true;

        var writing = () => store.CreateConversationAsync(Creation("conv_1"), Cancellation).AsTask();
        var reading = () => IdsAsync(store);

        (await writing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.CommitOutcomeUnknown);
        disk.IsBroken = false;
        (await reading.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        await store.DisposeAsync();
        (await ListAsync()).Should().Equal(isFull ? [] : ["conv_1"]);
    }

    [Fact]
    public async Task Begin_is_written_at_once_and_flushed_with_the_commit_that_follows()
    {
        using var disk = new FailingFile(_folder.Journal);
        await using var store = new JournalConversationStore(disk, _time);
        var (before, length) = (disk.Flushes, disk.Length);

        var begun = (TurnBegun)await store.BeginTurnAsync(Turn("conv_1"), Cancellation);
        var (afterBegin, lengthAfterBegin) = (disk.Flushes, disk.Length);
        await store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Completed }, Cancellation);

        afterBegin.Should().Be(before);
        lengthAfterBegin.Should().BeGreaterThan(length);
        disk.Flushes.Should().Be(before + 1);
    }

    [Fact]
    public async Task Open_of_a_journal_from_before_token_counts_reads_it_and_writes_on()
    {
        await CreateAsync("conv_1");
        var text = await File.ReadAllTextAsync(_folder.Journal, Cancellation);
        text.Should().NotContain("tokens").And.NotContain("recounts", "lines without them are still written as they were");
        await using var store = Open();
        var begun = await store.BeginTurnAsync(Turn("conv_1"), Cancellation);
        var count = new TokenAmount(3, "counter");

        await store.CommitTurnAsync(new CommitTurnCommand { Lease = ((TurnBegun)begun).Lease, Status = RunStatus.Completed, Recounts = [new(1, count)] }, Cancellation);
        await store.DisposeAsync();

        await using var again = Open();
        var range = new MessageRange { ConversationId = "conv_1", Access = new ConversationAccess(Scope.Project, null), Limit = 9 };
        (await again.ReadMessagesAsync(range, Cancellation)).Select(message => message.Tokens).Should().Equal(count, null);
    }

    [Fact]
    public async Task File_tells_its_operations_in_readable_text()
    {
        await CreateAsync("conv_1");

        var text = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_folder.Journal, Cancellation));

        text.Should().Contain("\"operation\":\"created\"").And.Contain("grüße <b>");
    }

    private BeginTurnCommand Turn(string newId) => new()
    {
        Access = new ConversationAccess(Scope.Project, null),
        Agent = Scope.Agent,
        Scope = Scope,
        NewConversationId = newId,
        Input = [ConversationMessage.User("hello") with { CreatedAt = _time.GetUtcNow() }],
        Caller = "ada",
        LeaseDuration = TimeSpan.FromMinutes(1),
    };

    private CreateConversationCommand Creation(string id) => new()
    {
        ConversationId = id,
        Scope = Scope,
        Messages = [ConversationMessage.User("grüße <b>\n") with { CreatedAt = _time.GetUtcNow() }],
    };

    private JournalConversationStore Open() => new(_folder.Path, _time);

    private async Task CreateAsync(params IEnumerable<string> ids)
    {
        await using var store = Open();
        foreach (var id in ids)
            await store.CreateConversationAsync(Creation(id), Cancellation);
    }

    private async Task<IEnumerable<string>> ListAsync()
    {
        await using var store = Open();
        return await IdsAsync(store);
    }

    private static async Task<IEnumerable<string>> IdsAsync(JournalConversationStore store)
    {
        var listing = new ConversationListing { Access = new ConversationAccess(Scope.Project, null), Limit = 100 };
        return (await store.ListConversationsAsync(listing, Cancellation)).Select(conversation => conversation.Id);
    }
}
