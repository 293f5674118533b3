namespace Conversations.Tests.Manager;

public sealed class LifecycleTestsInMemory : LifecycleTests<InMemory>;

public sealed class LifecycleTestsOnSqlite : LifecycleTests<Sqlite>;

public abstract class LifecycleTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Theory]
    [InlineData(null, "Second question")]
    [InlineData("Mine", "Mine")]
    public async Task Deletion_of_a_message_replaces_the_title_that_was_made_of_it(string? renamed, string expected)
    {
        var first = await Alice.RunTurnAsync(Bot, "First question", Say("hi"), Cancellation);
        await Alice.RunTurnAsync(Bot, "Second question", Say("hi"), Cancellation);
        if (renamed is not null)
            await Alice.RenameAsync(first.ConversationId!, renamed, Cancellation);

        await Alice.DeleteMessageAsync(first.InputMessageId!, Cancellation);

        (await Alice.GetAsync(first.ConversationId!, Cancellation))!.Title.Should().Be(expected);
    }

    [Fact]
    public async Task Deletion_of_the_only_message_removes_the_title_that_was_made_of_it()
    {
        var first = await Alice.RunTurnAsync(Bot, "First question", Say(), Cancellation);

        await Alice.DeleteMessageAsync(first.InputMessageId!, Cancellation);

        (await Alice.GetAsync(first.ConversationId!, Cancellation))!.Title.Should().BeNull();
    }

    [Fact]
    public async Task Create_begins_a_titled_conversation_that_the_next_message_continues()
    {
        await AskAsync("old");

        var created = await Alice.CreateAsync(Bot, title: "Invoices", cancellationToken: Cancellation);

        var result = await AskAsync("new");
        result.ConversationId.Should().Be(created.Id);
        result.StartReason.Should().BeNull();
        (await Alice.GetAsync(created.Id, Cancellation)).Should().BeEquivalentTo(new { Title = "Invoices", MessageCount = 2L, IsActive = true, SessionId = "chat:alice:support-bot" });
        (await Alice.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().HaveCount(2).And.OnlyContain(conversation => conversation.IsActive);
    }

    [Fact]
    public async Task Create_for_a_caller_without_identity_is_refused()
    {
        var creating = () => Manager.CreateAsync(Bot, cancellationToken: Cancellation);

        await creating.Should().ThrowAsync<IdentityRequiredException>();
    }

    [Fact]
    public async Task Create_of_a_stateless_agent_is_refused()
    {
        var creating = () => Alice.CreateAsync("oracle", cancellationToken: Cancellation);

        await creating.Should().ThrowAsync<ArgumentException>().WithParameterName("agent");
    }

    [Fact]
    public async Task End_closes_a_conversation_and_the_next_message_begins_another_with_the_reason()
    {
        var first = await AskAsync();

        var ended = await Alice.EndAsync(first.ConversationId!, Cancellation);
        var next = await AskAsync();

        ended.Should().BeEquivalentTo(new { Status = ConversationStatus.Ended, EndedAt = Time.GetUtcNow() });
        next.StartReason.Should().Be(ConversationStartReason.Ended);
        next.ConversationId.Should().NotBe(first.ConversationId);
        var byId = () => AskAsync(new TurnRequest(Bot, "hello") { ConversationId = first.ConversationId });
        (await byId.Should().ThrowAsync<ConversationEndedException>()).Which.Code.Should().Be("CONVERSATION_ENDED");
    }

    [Fact]
    public async Task End_twice_changes_nothing()
    {
        var first = await AskAsync();
        var ended = await Alice.EndAsync(first.ConversationId!, Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));

        var again = await Alice.EndAsync(first.ConversationId!, Cancellation);

        again.Should().Be(ended);
    }

    [Fact]
    public async Task EndCurrent_ends_the_current_one_once()
    {
        var first = await AskAsync();

        var ended = await Alice.EndCurrentAsync(Bot, cancellationToken: Cancellation);
        var again = await Alice.EndCurrentAsync(Bot, cancellationToken: Cancellation);

        ended!.Id.Should().Be(first.ConversationId);
        again.Should().BeNull();
        (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Reopen_becomes_current_when_no_other_is_current()
    {
        var first = await AskAsync();
        await Alice.EndAsync(first.ConversationId!, Cancellation);

        var reopened = await Alice.ReopenAsync(first.ConversationId!, Cancellation);

        reopened.Should().BeEquivalentTo(new { Status = ConversationStatus.Active, EndedAt = (DateTimeOffset?)null });
        (await AskAsync()).ConversationId.Should().Be(first.ConversationId);
    }

    [Fact]
    public async Task Reopen_leaves_a_newer_conversation_current()
    {
        var first = await AskAsync();
        await Alice.EndAsync(first.ConversationId!, Cancellation);
        var second = await AskAsync();

        await Alice.ReopenAsync(first.ConversationId!, Cancellation);

        (await AskAsync()).ConversationId.Should().Be(second.ConversationId);
        (await AskAsync(new TurnRequest(Bot, "hello") { ConversationId = first.ConversationId })).ConversationId.Should().Be(first.ConversationId);
    }

    [Fact]
    public async Task Reset_ends_the_current_one_and_begins_an_empty_one()
    {
        var first = await AskAsync();

        var fresh = await Alice.ResetAsync(Bot, cancellationToken: Cancellation);

        fresh.MessageCount.Should().Be(0);
        (await Alice.GetAsync(first.ConversationId!, Cancellation))!.Status.Should().Be(ConversationStatus.Ended);
        (await AskAsync()).ConversationId.Should().Be(fresh.Id);
    }

    [Fact]
    public async Task Rename_sets_a_title_that_remains()
    {
        var first = await AskAsync();

        await Alice.RenameAsync(first.ConversationId!, "Something\0 new", Cancellation);
        await AskAsync("more");

        (await Alice.GetAsync(first.ConversationId!, Cancellation))!.Title.Should().Be("Something  new");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public async Task Rename_to_a_blank_title_is_refused(string title)
    {
        var first = await AskAsync("hello");

        var renaming = () => Alice.RenameAsync(first.ConversationId!, title, Cancellation);

        await renaming.Should().ThrowAsync<ArgumentException>().WithParameterName("title");
    }

    [Fact]
    public async Task Delete_removes_the_conversation_and_nothing_else()
    {
        var first = await AskAsync();
        var second = await AskAsync(new TurnRequest(Bot, "two") { StartNew = true });

        var deleted = await Alice.DeleteAsync(first.ConversationId!, Cancellation);
        var again = await Alice.DeleteAsync(first.ConversationId!, Cancellation);

        (deleted, again).Should().Be((true, false));
        (await Alice.GetAsync(first.ConversationId!, Cancellation)).Should().BeNull();
        (await Alice.GetRunAsync(first.RunId!, Cancellation)).Should().BeNull();
        (await TextsAsync(second.ConversationId)).Should().Equal("two", "hi");
    }

    [Fact]
    public async Task DeleteMessage_leaves_a_gap_in_the_positions()
    {
        var first = await AskAsync("one", "two");

        var deleted = await Alice.DeleteMessageAsync(first.ReplyMessageId!, Cancellation);
        var again = await Alice.DeleteMessageAsync(first.ReplyMessageId!, Cancellation);
        await AskAsync("three", "four");

        (deleted, again).Should().Be((true, false));
        var messages = (await Alice.GetMessagePageAsync(first.ConversationId!, cancellationToken: Cancellation)).Items;
        messages.Select(message => (message.Position, message.Text)).Should().Equal((1, "one"), (3, "three"), (4, "four"));
        (await Alice.GetAsync(first.ConversationId!, Cancellation))!.MessageCount.Should().Be(3);
    }

    [Fact]
    public async Task DeleteAll_of_an_identity_deletes_its_own_and_keeps_shared_conversations()
    {
        await AskAsync();
        await AskAsync(new TurnRequest(Bot, "two") { StartNew = true });
        var thread = await AskAsync(new TurnRequest(Bot, "shared") { Thread = "order-7" });
        var bobs = await Bob.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);

        var deleted = await Alice.DeleteAllAsync(Bot, Cancellation);

        deleted.Should().Be(2);
        (await Manager.ListAsync(cancellationToken: Cancellation).Select(conversation => conversation.Id).ToListAsync(Cancellation))
            .Should().BeEquivalentTo(thread.ConversationId, bobs.ConversationId);
    }

    [Fact]
    public async Task DeleteAll_of_the_host_deletes_all_conversations_of_the_agent()
    {
        await AskAsync();
        await AskAsync(new TurnRequest(Bot, "shared") { Thread = "order-7" });
        var other = await AskAsync(new TurnRequest("patient-bot", "hello"));

        var deleted = await Manager.DeleteAllAsync(Bot, Cancellation);

        deleted.Should().Be(2);
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.Id.Should().Be(other.ConversationId);
    }

    [Fact]
    public async Task Deletion_is_forbidden_and_ending_is_allowed_when_the_agent_is_retained_for_audit()
    {
        var kept = await AskAsync(new TurnRequest("audit-bot", "hello"));
        Func<Task>[] deletions =
        [
            () => Alice.DeleteAsync(kept.ConversationId!, Cancellation),
            () => Alice.DeleteMessageAsync(kept.ReplyMessageId!, Cancellation),
            () => Alice.DeleteAllAsync("audit-bot", Cancellation),
            () => Manager.DeleteAsync(kept.ConversationId!, Cancellation),
            () => Manager.DeleteMessageAsync(kept.ReplyMessageId!, Cancellation),
            () => Manager.DeleteAllAsync("audit-bot", Cancellation),
        ];

        foreach (var deletion in deletions)
            (await deletion.Should().ThrowAsync<DeletionForbiddenException>()).Which.Code.Should().Be("DELETION_FORBIDDEN");

        (await TextsAsync(kept.ConversationId)).Should().Equal("hello", "hi");
        (await Alice.EndAsync(kept.ConversationId!, Cancellation)).Status.Should().Be(ConversationStatus.Ended);
    }

    [Fact]
    public async Task Delete_of_several_deletes_those_that_are_reached_and_returns_how_many()
    {
        var one = await AskAsync(new TurnRequest(Bot, "one"));
        var two = await AskAsync(new TurnRequest(Bot, "two") { StartNew = true });
        var rest = await AskAsync(new TurnRequest(Bot, "three") { StartNew = true });
        var bobs = await Bob.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);

        var deleted = await Alice.DeleteAsync([one.ConversationId!, "conv_none", "nonsense", two.ConversationId!, bobs.ConversationId!, one.ConversationId!], Cancellation);

        deleted.Should().Be(2);
        (await Manager.ListAsync(cancellationToken: Cancellation).Select(conversation => conversation.Id).ToListAsync(Cancellation))
            .Should().BeEquivalentTo([rest.ConversationId, bobs.ConversationId]);
    }

    [Fact]
    public async Task Delete_of_several_deletes_none_when_one_is_kept_for_audit()
    {
        var free = await AskAsync();
        var kept = await AskAsync(new TurnRequest("audit-bot", "hello"));

        var deleting = () => Alice.DeleteAsync([free.ConversationId!, kept.ConversationId!], Cancellation);

        await deleting.Should().ThrowAsync<DeletionForbiddenException>();
        (await Alice.GetAsync(free.ConversationId!, Cancellation)).Should().NotBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData("conv_\0")]
    public async Task Delete_of_several_deletes_none_when_an_id_is_ill_formed(string? id)
    {
        var asked = await AskAsync();

        var deleting = () => Alice.DeleteAsync([asked.ConversationId!, id!], Cancellation);

        await deleting.Should().ThrowAsync<ArgumentException>().WithParameterName("conversationIds");
        (await Alice.GetAsync(asked.ConversationId!, Cancellation)).Should().NotBeNull();
    }

    [Fact]
    public async Task Delete_of_no_conversations_deletes_none()
    {
        (await Alice.DeleteAsync([], Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Delete_of_a_removed_agent_is_allowed_for_the_host_only()
    {
        var kept = await AskAsync(new TurnRequest("audit-bot", "hello"));
        var later = new ConversationManager(Store, new ConversationOptions().AddAgent("other"), Time);

        var deleting = () => later.ForIdentity(ConversationIdentity.ForUser("alice")).DeleteAsync(kept.ConversationId!, Cancellation);

        await deleting.Should().ThrowAsync<DeletionForbiddenException>();
        (await later.DeleteAsync(kept.ConversationId!, Cancellation)).Should().BeTrue();
    }

    [Fact]
    public async Task Change_of_an_unknown_conversation_is_not_found()
    {
        Func<Task>[] changes =
        [
            () => Alice.RenameAsync("conv_none", "title", Cancellation),
            () => Alice.EndAsync("conv_none", Cancellation),
            () => Alice.ReopenAsync("conv_none", Cancellation),
        ];

        foreach (var change in changes)
            (await change.Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be("conv_none");
    }
}
