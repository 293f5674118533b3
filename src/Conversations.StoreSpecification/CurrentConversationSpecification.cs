using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Which conversation a scope points to.</summary>
public abstract class CurrentConversationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("5.1", "5.2")]
    public async Task Begin_in_a_scope_without_one_creates_the_current_one()
    {
        (await CurrentIdAsync()).Should().BeNull();

        var begun = await BeginAsync();

        begun.StartReason.Should().Be(ConversationStartReason.First);
        (await Store.GetCurrentAsync(ScopeOf())).Should().Be(await GetAsync(begun.Lease.ConversationId));
    }

    [Fact, Rule("5.1")]
    public async Task Begin_continues_the_current_one()
    {
        var first = await ExchangeAsync();

        var second = await BeginAsync();

        second.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
        second.StartReason.Should().BeNull();
        (await ListAsync()).Should().ContainSingle();
    }

    [Fact, Rule("5.1")]
    public async Task Begin_by_scope_goes_by_the_scope_whatever_the_access()
    {
        var first = await ExchangeAsync();

        var begun = await BeginAsync(Turn() with { Access = new ConversationAccess("default", []) });

        begun.Lease.ConversationId.Should().Be(first.Lease.ConversationId);
    }

    [Theory, Rule("5.1", "5.2", "5.3")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Begin_after_the_current_one_ended_creates_another(ConversationStatus status)
    {
        var first = await ExchangeAsync();
        await SetStatusAsync(first.Lease.ConversationId, status);
        (await CurrentIdAsync()).Should().Be(first.Lease.ConversationId, "ending leaves the pointer");

        var second = await BeginAsync();

        second.StartReason.Should().Be(ConversationStartReason.Ended);
        (await CurrentIdAsync()).Should().Be(second.Lease.ConversationId);
    }

    [Fact, Rule("5.2", "5.3")]
    public async Task Begin_after_the_current_one_was_deleted_is_a_first()
    {
        var first = await ExchangeAsync();
        await Store.DeleteConversationAsync(first.Lease.ConversationId, Host);
        (await CurrentIdAsync()).Should().BeNull();

        var second = await BeginAsync();

        second.StartReason.Should().Be(ConversationStartReason.First);
    }

    [Fact, Rule("5.2", "5.3")]
    public async Task Begin_of_a_new_one_moves_the_pointer_and_leaves_the_old_one_active()
    {
        var first = await ExchangeAsync();

        var second = await BeginAsync(Turn() with { StartNew = true });

        second.StartReason.Should().Be(ConversationStartReason.Requested);
        second.InputPosition.Should().Be(1);
        (await CurrentIdAsync()).Should().Be(second.Lease.ConversationId);
        (await GetAsync(first.Lease.ConversationId)).Status.Should().Be(ConversationStatus.Active);
    }

    [Fact, Rule("5.2")]
    public async Task Begin_of_a_new_one_as_the_first_was_requested()
    {
        var begun = await BeginAsync(Turn() with { StartNew = true });

        begun.StartReason.Should().Be(ConversationStartReason.Requested);
    }

    [Fact, Rule("5.1", "4.2")]
    public async Task Begin_of_a_new_one_does_not_wait_for_the_old_one()
    {
        await BeginAsync();

        var second = await BeginAsync(Turn() with { StartNew = true });

        (await CurrentIdAsync()).Should().Be(second.Lease.ConversationId);
    }

    [Fact, Rule("5.3")]
    public async Task Create_to_replace_moves_the_pointer_and_leaves_the_old_one_active()
    {
        var old = await CreateAsync();

        var created = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Replace });

        (await CurrentIdAsync()).Should().Be(created.Id);
        (await GetAsync(old.Id)).Should().Be(old);
    }

    [Fact, Rule("5.3", "5.9")]
    public async Task Create_to_end_moves_the_pointer_and_ends_the_old_one()
    {
        var old = await CreateAsync();
        Time.Advance(TimeSpan.FromSeconds(1));

        var created = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End });

        (await CurrentIdAsync()).Should().Be(created.Id);
        (await GetAsync(old.Id)).Should().Be(old with { Status = ConversationStatus.Ended, EndedAt = Time.GetUtcNow() });
    }

    [Fact, Rule("5.3", "5.9")]
    public async Task Create_to_end_leaves_an_archived_one_archived()
    {
        var old = await CreateAsync();
        var archived = await SetStatusAsync(old.Id, ConversationStatus.Archived);
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End });

        (await GetAsync(old.Id)).Should().Be(archived);
    }

    [Fact, Rule("5.9", "4.7")]
    public async Task Create_to_end_leaves_an_open_turn_of_the_old_one_alone()
    {
        var open = await BeginAsync();

        await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.End });

        (await Store.RenewLeaseAsync(open.Lease)).Should().BeTrue();
        (await CommitAsync(open.Lease, "answer")).Should().BeTrue();
        (await GetAsync(open.Lease.ConversationId)).Status.Should().Be(ConversationStatus.Ended);
    }

    [Fact, Rule("5.3")]
    public async Task Create_to_keep_leaves_the_pointer_to_an_active_one()
    {
        var old = await CreateAsync();

        await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep });

        (await CurrentIdAsync()).Should().Be(old.Id);
    }

    [Fact, Rule("5.3")]
    public async Task Create_to_keep_becomes_current_where_none_is_active()
    {
        var first = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep });
        var firstCurrent = await CurrentIdAsync();
        await SetStatusAsync(first.Id, ConversationStatus.Ended);

        var second = await Store.CreateConversationAsync(Creation() with { Current = CurrentConversationRule.Keep });

        firstCurrent.Should().Be(first.Id);
        (await CurrentIdAsync()).Should().Be(second.Id);
    }

    [Fact, Rule("5.3")]
    public async Task Delete_of_another_one_leaves_the_pointer()
    {
        var old = await CreateAsync();
        var current = await CreateAsync();

        await Store.DeleteConversationAsync(old.Id, Host);

        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Fact, Rule("5.2", "5.3")]
    public async Task Delete_of_the_current_one_points_to_none_though_another_is_active()
    {
        var old = await CreateAsync();
        var current = await CreateAsync();

        await Store.DeleteConversationAsync(current.Id, Host);

        (await CurrentIdAsync()).Should().BeNull();
        var begun = await BeginAsync();
        begun.StartReason.Should().Be(ConversationStartReason.First);
        begun.Lease.ConversationId.Should().NotBe(old.Id);
    }

    [Fact, Rule("5.3")]
    public async Task Reopen_leaves_the_pointer_to_an_active_one()
    {
        var old = await CreateAsync();
        await SetStatusAsync(old.Id, ConversationStatus.Ended);
        var current = await CreateAsync();

        await SetStatusAsync(old.Id, ConversationStatus.Active);

        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Fact, Rule("5.3")]
    public async Task Reopen_becomes_current_if_the_one_pointed_to_ended_or_is_gone()
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

    [Theory, Rule("5.8", "5.3")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Update_of_an_active_one_to_active_moves_no_pointer(bool currentIsDeleted)
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

    [Fact, Rule("5.3")]
    public async Task Begin_by_id_never_moves_the_pointer()
    {
        var old = await CreateAsync();
        var current = await CreateAsync();
        await SetStatusAsync(current.Id, ConversationStatus.Ended);

        await ExchangeAsync(TurnIn(old.Id));

        (await CurrentIdAsync()).Should().Be(current.Id);
    }

    [Fact, Rule("5.4")]
    public async Task Scopes_that_differ_in_anything_have_conversations_of_their_own()
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

    [Fact, Rule("5.4")]
    public async Task Every_field_of_a_scope_comes_back()
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
