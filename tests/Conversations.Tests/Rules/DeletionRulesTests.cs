namespace Conversations.Tests.Rules;

/// <summary>Deleting conversations and messages.</summary>
public class DeletionRulesTests : RulesTest
{
    [Fact, TurnRule("7.2")]
    public async Task Delete_removes_conversation_with_messages_and_runs()
    {
        var begun = await ExchangeAsync();
        var id = begun.Lease.ConversationId;

        var deleted = await Store.DeleteConversationAsync(id, Host);

        deleted.Should().BeTrue();
        (await Store.GetConversationAsync(id, Host)).Should().BeNull();
        (await Store.GetRunAsync(id, begun.Lease.RunNumber, Host)).Should().BeNull();
        (await RunsAsync(id)).Should().BeEmpty();
        (await MessagesAsync(id)).Should().BeEmpty();
        (await Store.ReadWindowAsync(id, Host, 9)).Should().BeEmpty();
        (await ListAsync()).Should().BeEmpty();
        (await Store.BeginTurnAsync(TurnIn(id))).Should().Be(new TurnNotFound());
        (await Store.UpdateConversationAsync(id, Host, new ConversationChange { Title = "x" })).Should().BeNull();
        (await Store.DeleteMessageAsync(id, 1, Host)).Should().BeFalse();
    }

    [Fact, TurnRule("7.2")]
    public async Task Delete_returns_false_when_conversation_is_gone()
    {
        var begun = await ExchangeAsync();
        await Store.DeleteConversationAsync(begun.Lease.ConversationId, Host);

        (await Store.DeleteConversationAsync(begun.Lease.ConversationId, Host)).Should().BeFalse();
        (await Store.DeleteConversationAsync("conv_unknown", Host)).Should().BeFalse();
    }

    [Fact, TurnRule("7.2")]
    public async Task Delete_leaves_other_conversations()
    {
        await ExchangeAsync(Turn(ScopeOf("user_2")));
        await ExchangeAsync(Keyed("kept"));
        var before = await StateAsync();
        var other = await ExchangeAsync(Keyed("deleted") with { StartNew = true });
        var current = await CurrentIdAsync();

        await Store.DeleteConversationAsync(other.Lease.ConversationId, Host);

        current.Should().Be(other.Lease.ConversationId);
        (await CurrentIdAsync()).Should().BeNull();
        (await StateAsync()).OfType<Conversation>().Should().Equal(before.OfType<Conversation>());
        (await StateAsync()).OfType<StoredMessage>().Should().Equal(before.OfType<StoredMessage>());
        (await StateAsync()).OfType<ConversationRun>().Should().Equal(before.OfType<ConversationRun>());
        (await Store.BeginTurnAsync(Keyed("kept"))).Should().BeOfType<TurnCompletedBefore>();
    }

    [Fact, TurnRule("7.2", "1.4")]
    public async Task Commit_writes_nothing_when_conversation_was_deleted()
    {
        var begun = await BeginAsync();
        await Store.DeleteConversationAsync(begun.Lease.ConversationId, Host);

        (await Store.RenewLeaseAsync(begun.Lease)).Should().BeFalse();
        (await CommitAsync(begun.Lease, "answer")).Should().BeFalse();

        (await ListAsync()).Should().BeEmpty();
        (await MessagesAsync(begun.Lease.ConversationId)).Should().BeEmpty();
    }

    [Fact, TurnRule("7.2", "1.4", "1.1")]
    public async Task Commit_leaves_next_conversation_when_its_own_was_deleted()
    {
        var old = await BeginAsync();
        await Store.DeleteConversationAsync(old.Lease.ConversationId, Host);
        var next = await BeginAsync();

        (await CommitAsync(old.Lease, "old")).Should().BeFalse();
        (await CommitAsync(next.Lease, "new")).Should().BeTrue();

        (await TextsAsync(next.Lease.ConversationId)).Should().Equal("hello", "new");
    }

    [Fact, TurnRule("7.1", "5.1", "5.2")]
    public async Task DeleteMessage_removes_it_and_lowers_count()
    {
        var past = Time.GetUtcNow().AddDays(-1);
        var created = await CreateAsync(null, User("1") with { CreatedAt = past }, User("2") with { CreatedAt = past.AddHours(2) }, User("3") with { CreatedAt = past.AddHours(1) });
        Time.Advance(TimeSpan.FromSeconds(1));

        var deleted = await Store.DeleteMessageAsync(created.Id, 3, Host);

        deleted.Should().BeTrue();
        (await TextsAsync(created.Id)).Should().Equal("1", "2");
        (await GetAsync(created.Id)).Should().Be(created with { MessageCount = 2, LastMessageAt = past.AddHours(2) });
    }

    [Fact, TurnRule("7.1")]
    public async Task DeleteMessage_returns_false_when_there_is_none()
    {
        var created = await CreateAsync(null, User("1"), User("2"));
        await Store.DeleteMessageAsync(created.Id, 1, Host);
        var before = await StateAsync();

        foreach (var position in new[] { 1, 3, 0, -1, long.MaxValue, long.MinValue })
            (await Store.DeleteMessageAsync(created.Id, position, Host)).Should().BeFalse();
        (await Store.DeleteMessageAsync("conv_unknown", 1, Host)).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("4.2")]
    public async Task Begin_appends_after_highest_position_when_messages_were_deleted()
    {
        var created = await CreateAsync(null, User("1"), User("2"));
        await Store.DeleteMessageAsync(created.Id, 2, Host);
        await Store.DeleteMessageAsync(created.Id, 1, Host);

        var begun = await BeginAsync();

        begun.InputPosition.Should().Be(3);
        (await GetAsync(created.Id)).Should().Match<Conversation>(c => c.MessageCount == 1 && c.LastPosition == 3);
    }

    [Fact, TurnRule("7.1", "4.2")]
    public async Task DeleteMessage_leaves_open_turn()
    {
        var begun = await BeginAsync();
        await Store.DeleteMessageAsync(begun.Lease.ConversationId, begun.InputPosition, Host);

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await MessagesAsync(begun.Lease.ConversationId)).Should().ContainSingle().Which.Position.Should().Be(2);
        (await RunOfAsync(begun.Lease)).OutputPosition.Should().Be(2);
    }

    [Fact, TurnRule("7.1")]
    public async Task DeleteMessage_leaves_run_that_wrote_it()
    {
        var begun = await ExchangeAsync();
        var run = await RunOfAsync(begun.Lease);

        await Store.DeleteMessageAsync(begun.Lease.ConversationId, 2, Host);

        (await RunOfAsync(begun.Lease)).Should().Be(run);
    }
}
