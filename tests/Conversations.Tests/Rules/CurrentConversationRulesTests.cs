using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Which conversation a scope points to.</summary>
public class CurrentConversationRulesTests : RulesTest
{
    [Fact, TurnRule("2.1", "2.2")]
    public async Task Begin_creates_current_conversation_when_scope_has_none()
    {
        (await CurrentIdAsync()).Should().BeNull();

        var begun = await BeginAsync();

        begun.StartReason.Should().Be(ConversationStartReason.First);
        (await Store.GetCurrentAsync(ScopeOf())).Should().Be(await GetAsync(begun.Lease.ConversationId));
    }

    [Fact, TurnRule("2.1")]
    public async Task Begin_continues_current_conversation()
    {
        var first = await ExchangeAsync();

        var second = await BeginAsync();

        second.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        second.StartReason.Should().BeNull();
        (await ListAsync()).Should().ContainSingle();
    }

    [Fact, TurnRule("2.1")]
    public async Task Begin_by_scope_ignores_access()
    {
        var first = await ExchangeAsync();

        var begun = await BeginAsync(Turn() with { Access = new ConversationAccess("default", []) });

        begun.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
    }

    [Theory, TurnRule("2.1", "2.2", "2.4")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_creates_conversation_when_current_one_is_not_active(ConversationStatus status)
    {
        var first = await ExchangeAsync();
        await SetStatusAsync(first.Lease.ConversationId, status);
        (await CurrentIdAsync()).Should().Be(first.Lease.ConversationId);

        var second = await BeginAsync();

        second.StartReason.Should().Be(ConversationStartReason.Ended);
        (await CurrentIdAsync()).Should().Be(second.Lease.ConversationId);
    }

    [Fact, TurnRule("2.2", "2.3")]
    public async Task Begin_starts_first_when_current_one_was_deleted()
    {
        var first = await ExchangeAsync();
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);
        (await CurrentIdAsync()).Should().BeNull();

        var second = await BeginAsync();

        second.StartReason.Should().Be(ConversationStartReason.First);
    }

    [Fact, TurnRule("2.2", "2.3")]
    public async Task Begin_with_start_new_moves_pointer_and_leaves_old_one_active()
    {
        var first = await ExchangeAsync();

        var second = await BeginAsync(Turn() with { StartNew = true });

        second.StartReason.Should().Be(ConversationStartReason.Requested);
        second.InputPosition.Should().Be(1);
        (await CurrentIdAsync()).Should().Be(second.Lease.ConversationId);
        (await GetAsync(first.Lease.ConversationId)).Status.Should().Be(ConversationStatus.Active);
    }

    [Fact, TurnRule("2.2")]
    public async Task Begin_with_start_new_is_requested_when_scope_has_none()
    {
        var begun = await BeginAsync(Turn() with { StartNew = true });

        begun.StartReason.Should().Be(ConversationStartReason.Requested);
    }

    [Fact, TurnRule("2.1", "1.2")]
    public async Task Begin_with_start_new_succeeds_when_old_one_is_locked()
    {
        await BeginAsync();

        var second = await BeginAsync(Turn() with { StartNew = true });

        (await CurrentIdAsync()).Should().Be(second.Lease.ConversationId);
    }

    [Fact, TurnRule("2.3")]
    public async Task Create_with_replace_moves_pointer_and_leaves_old_one_active()
    {
        var old = await CreateAsync();

        var created = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Replace });

        (await CurrentIdAsync()).Should().Be(created.Id);
        (await GetAsync(old.Id)).Should().Be(old);
    }

    [Fact, TurnRule("2.3")]
    public async Task Create_with_end_moves_pointer_and_ends_old_one()
    {
        var old = await CreateAsync();
        Time.Advance(TimeSpan.FromSeconds(1));

        var created = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End });

        (await CurrentIdAsync()).Should().Be(created.Id);
        (await GetAsync(old.Id)).Should().Be(old with { Status = ConversationStatus.Ended, EndedAt = Time.GetUtcNow() });
    }

    [Fact, TurnRule("2.3")]
    public async Task Create_with_end_leaves_archived_one_archived()
    {
        var old = await CreateAsync();
        var archived = await SetStatusAsync(old.Id, ConversationStatus.Archived);
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End });

        (await GetAsync(old.Id)).Should().Be(archived);
    }

    [Fact, TurnRule("2.3", "1.8")]
    public async Task Create_with_end_leaves_open_turn_of_old_one_alone()
    {
        var open = await BeginAsync();

        await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End });

        (await Store.RenewLeaseAsync(open.Lease)).Should().BeTrue();
        (await CommitAsync(open.Lease, "answer")).Should().BeTrue();
        (await GetAsync(open.Lease.ConversationId)).Status.Should().Be(ConversationStatus.Ended);
    }

    [Fact, TurnRule("2.3")]
    public async Task Create_with_keep_leaves_pointer_to_active_one()
    {
        var old = await CreateAsync();

        await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep });

        (await CurrentIdAsync()).Should().Be(old.Id);
    }

    [Fact, TurnRule("2.3")]
    public async Task Create_with_keep_becomes_current_when_none_is_active()
    {
        var first = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep });
        var firstCurrent = await CurrentIdAsync();
        await SetStatusAsync(first.Id, ConversationStatus.Ended);

        var second = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep });

        firstCurrent.Should().Be(first.Id);
        (await CurrentIdAsync()).Should().Be(second.Id);
    }

    [Fact, TurnRule("7.2")]
    public async Task Delete_leaves_pointer_to_another_conversation()
    {
        var old = await CreateAsync();
        var current = await CreateAsync();

        await Store.DeleteConversationAsync(old.Id, Host);

        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Fact, TurnRule("2.2", "7.2")]
    public async Task Delete_of_current_conversation_clears_pointer()
    {
        var old = await CreateAsync();
        var current = await CreateAsync();

        await Store.DeleteConversationAsync(current.Id, Host);

        (await CurrentIdAsync()).Should().BeNull();
        var begun = await BeginAsync();
        begun.StartReason.Should().Be(ConversationStartReason.First);
        begun.Lease.ConversationId.Should().NotBe(old.Id);
    }

    [Fact, TurnRule("2.4")]
    public async Task Reopen_leaves_pointer_to_active_one()
    {
        var old = await CreateAsync();
        await SetStatusAsync(old.Id, ConversationStatus.Ended);
        var current = await CreateAsync();

        await SetStatusAsync(old.Id, ConversationStatus.Active);

        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Fact, TurnRule("2.4")]
    public async Task Reopen_becomes_current_when_current_one_ended_or_was_deleted()
    {
        var old = await CreateAsync();
        await SetStatusAsync(old.Id, ConversationStatus.Ended);
        var current = await CreateAsync();
        await SetStatusAsync(current.Id, ConversationStatus.Ended);

        await SetStatusAsync(old.Id, ConversationStatus.Active);
        var afterEnd = await CurrentIdAsync();
        await SetStatusAsync(current.Id, ConversationStatus.Active);
        await SetStatusAsync(current.Id, ConversationStatus.Archived);
        await Store.DeleteConversationAsync(old.Id, Host);
        await SetStatusAsync(current.Id, ConversationStatus.Active);

        afterEnd.Should().Be(old.Id);
        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Theory, TurnRule("2.4")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Change_leaves_pointer_when_active_one_is_set_to_active(bool currentIsDeleted)
    {
        var active = await CreateAsync();
        var current = await CreateAsync();
        if (currentIsDeleted)
            await Store.DeleteConversationAsync(current.Id, Host);
        else
            await SetStatusAsync(current.Id, ConversationStatus.Ended);

        await SetStatusAsync(active.Id, ConversationStatus.Active);

        (await CurrentIdAsync()).Should().Be(currentIsDeleted ? null : current.Id);
    }

    [Fact, TurnRule("2.6")]
    public async Task Begin_by_id_leaves_pointer()
    {
        var old = await CreateAsync();
        var current = await CreateAsync();
        await SetStatusAsync(current.Id, ConversationStatus.Ended);

        await ExchangeAsync(TurnIn(old.Id));

        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Fact, TurnRule("2.1")]
    public async Task Begin_creates_conversation_for_each_scope()
    {
        var tenant = ConversationIdentity.ForUser("user_1", "acme");
        ConversationScope[] scopes =
        [
            ScopeOf(),
            ScopeOf("USER_1"),
            ScopeOf("user_1 "),
            ScopeOf(agent: "Agent"),
            ScopeOf(channel: "api"),
            ScopeOf(project: "other"),
            new("default", "agent", ConversationOwner.Of(tenant), "chat"),
            new("default", "agent", ConversationOwner.SharedBy(["tenant_id"], tenant), null),
            new("default", "agent", ConversationOwner.SharedBy(["tenant_id"], null), null),
            new("default", "agent", ConversationOwner.SharedBy([], null), null),
            new("default", "agent", ConversationOwner.SharedBy(["tenant_id"], tenant, "order-7"), null),
            new("default", "agent", ConversationOwner.SharedBy(["tenant_id"], tenant, "Order-7"), null),
        ];

        foreach (var scope in scopes)
        {
            var begun = await BeginAsync(Turn(scope));
            begun.StartReason.Should().Be(ConversationStartReason.First, scope.SessionId);
        }
    }

    [Fact, TurnRule("2.3")]
    public async Task Create_copies_every_field_of_scope()
    {
        var tenant = ConversationIdentity.ForUser("user_1", "acme");
        var personal = new ConversationScope("project", "agent", ConversationOwner.Of(tenant), "doc_event");
        var shared = new ConversationScope("project", "agent", ConversationOwner.SharedBy(["tenant_id"], tenant, "order 7"), null);
        var anonymous = new ConversationScope("project", "agent", ConversationOwner.Of(ConversationIdentity.FromFields([new("session_id", "s")])), "chat");

        var mine = await CreateAsync(personal);
        var ours = await CreateAsync(shared);
        var visitors = await CreateAsync(anonymous);

        Fields(mine).Should().Be((personal.SessionId, "project", "agent", "doc_event", "user_1", null));
        Fields(ours).Should().Be((shared.SessionId, "project", "agent", null, null, "order 7"));
        Fields(visitors).Should().Be((anonymous.SessionId, "project", "agent", "chat", null, null));
        (await Store.GetCurrentAsync(personal)).Should().Be(mine);
        (await Store.GetConversationAsync(ours.Id, AccessOf(shared))).Should().Be(ours);
        (await Store.GetCurrentAsync(anonymous)).Should().Be(visitors);
    }

    private static (string Session, string Project, string Agent, string? Channel, string? User, string? Thread) Fields(Conversation conversation) =>
        (conversation.SessionId, conversation.Project, conversation.Agent, conversation.Channel, conversation.UserId, conversation.Thread);
}
