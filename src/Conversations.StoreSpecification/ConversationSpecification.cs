using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Creating and changing conversations outside turns.</summary>
public abstract class ConversationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("3.1", "2.1", "2.4")]
    public async Task Create_writes_the_conversation_and_its_messages()
    {
        var began = Time.GetUtcNow().AddYears(-2);
        var said = Time.GetUtcNow().AddYears(-1);
        var messages = new[] { User("1") with { CreatedAt = began }, Assistant("2") with { CreatedAt = said } };

        var created = await Store.CreateConversationAsync(Creation(null, messages) with { ConversationId = "conv_x", Title = "title", CreatedAt = began });

        created.Should().Be(new Conversation
        {
            Id = "conv_x",
            SessionId = "chat:user_1:agent",
            Project = "default",
            Agent = "agent",
            Channel = "chat",
            UserId = "user_1",
            Title = "title",
            MessageCount = 2,
            LastPosition = 2,
            CreatedAt = began,
            LastActivityAt = Time.GetUtcNow(),
            LastMessageAt = said,
        });
        (await GetAsync("conv_x")).Should().Be(created);
        (await MessagesAsync("conv_x")).Should().Equal(
            messages[0] with { ConversationId = "conv_x", Position = 1 },
            messages[1] with { ConversationId = "conv_x", Position = 2 });
    }

    [Fact, Rule("2.4", "14.1")]
    public async Task Create_without_messages_stands_at_0_and_began_now()
    {
        var created = await CreateAsync();

        created.MessageCount.Should().Be(0);
        created.LastPosition.Should().Be(0);
        created.LastMessageAt.Should().BeNull();
        created.Title.Should().BeNull();
        created.CreatedAt.Should().Be(Time.GetUtcNow());
        (await MessagesAsync(created.Id)).Should().BeEmpty();
    }

    [Fact, Rule("2.5")]
    public async Task Create_with_an_id_that_is_in_use_is_refused_and_writes_nothing()
    {
        var created = await CreateAsync(null, User("1"), User("2"));
        var before = await StateAsync();

        foreach (var scope in new[] { ScopeOf(), ScopeOf("user_2") })
        {
            var again = () => Store.CreateConversationAsync(Creation(scope, User("3")) with { ConversationId = created.Id, Current = CurrentConversationRule.End }).AsTask();
            await again.Should().ThrowAsync<ArgumentException>();
        }

        (await StateAsync()).Should().Equal(before);
        (await CurrentIdAsync(ScopeOf("user_2"))).Should().BeNull();
    }

    [Fact, Rule("2.5")]
    public async Task Begin_of_a_new_one_with_an_id_that_is_in_use_is_refused_and_writes_nothing()
    {
        var begun = await ExchangeAsync(Keyed());
        var before = await StateAsync();

        foreach (var scope in new[] { ScopeOf(), ScopeOf("user_2") })
        {
            var command = Keyed("another", scope) with { StartNew = true, NewConversationId = begun.Lease.ConversationId };
            var again = () => Store.BeginTurnAsync(command).AsTask();
            await again.Should().ThrowAsync<ArgumentException>();
            (await StateAsync()).Should().Equal(before);
        }

        (await CurrentIdAsync(ScopeOf("user_2"))).Should().BeNull();
        (await BeginAsync(Keyed("another"))).IsOnSavedInput.Should().BeFalse();
    }

    [Fact, Rule("2.1")]
    public async Task Begin_follows_on_the_messages_of_the_past()
    {
        var created = await CreateAsync(null, User("1"), User("2"));

        var begun = await BeginAsync();

        begun.Lease.ConversationId.Should().Be(created.Id);
        begun.InputPosition.Should().Be(3);
    }

    [Fact, Rule("4.2")]
    public async Task Create_takes_no_lease()
    {
        var created = await CreateAsync();

        (await BeginAsync()).Lease.ConversationId.Should().Be(created.Id);
    }

    [Theory, Rule("3.1", "5.8", "14.1")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Update_ends_and_reopens(ConversationStatus status)
    {
        var created = await CreateAsync();
        Time.Advance(TimeSpan.FromSeconds(1));
        var ended = await SetStatusAsync(created.Id, status);
        var end = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromSeconds(1));

        var reopened = await SetStatusAsync(created.Id, ConversationStatus.Active);

        ended.Should().Be(created with { Status = status, EndedAt = end });
        reopened.Should().Be(created with { LastActivityAt = Time.GetUtcNow() });
        (await GetAsync(created.Id)).Should().Be(reopened);
        await BeginAsync();
    }

    [Fact, Rule("3.1")]
    public async Task Update_changes_only_what_it_names()
    {
        var created = await Store.CreateConversationAsync(Creation() with { Title = "old" });

        var nothing = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange());
        var renamed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "new" });
        var both = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "newer", Status = ConversationStatus.Ended });

        nothing.Should().Be(created);
        renamed.Should().Be(created with { Title = "new" });
        both.Should().Be(created with { Title = "newer", Status = ConversationStatus.Ended, EndedAt = Time.GetUtcNow() });
    }

    [Theory, Rule("5.8", "8.5")]
    [InlineData(ConversationStatus.Active)]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Update_to_the_status_that_it_has_changes_nothing(ConversationStatus status)
    {
        var created = await CreateAsync();
        var first = await SetStatusAsync(created.Id, status);
        Time.Advance(TimeSpan.FromSeconds(1));

        var second = await SetStatusAsync(created.Id, status);

        second.Should().Be(first);
        (await GetAsync(created.Id)).Should().Be(first);
    }

    [Fact, Rule("5.8")]
    public async Task Update_from_ended_to_archived_leaves_the_end_where_it_was()
    {
        var created = await CreateAsync();
        var ended = await SetStatusAsync(created.Id, ConversationStatus.Ended);
        Time.Advance(TimeSpan.FromSeconds(1));

        var archived = await SetStatusAsync(created.Id, ConversationStatus.Archived);

        archived.Should().Be(ended with { Status = ConversationStatus.Archived });
    }

    [Fact, Rule("5.8")]
    public async Task Update_from_archived_to_ended_leaves_the_end_where_it_was()
    {
        var created = await CreateAsync();
        var archived = await SetStatusAsync(created.Id, ConversationStatus.Archived);
        Time.Advance(TimeSpan.FromSeconds(1));

        var ended = await SetStatusAsync(created.Id, ConversationStatus.Ended);

        ended.Should().Be(archived with { Status = ConversationStatus.Ended });
    }

    [Theory, Rule("5.8")]
    [InlineData(ConversationStatus.Active)]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Update_of_the_title_to_the_status_that_it_has_changes_the_title_alone(ConversationStatus status)
    {
        var created = await CreateAsync();
        var before = await SetStatusAsync(created.Id, status);
        Time.Advance(TimeSpan.FromSeconds(1));

        var renamed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "title", Status = status });

        renamed.Should().Be(before with { Title = "title" });
    }

    [Fact, Rule("16.1")]
    public async Task Update_and_read_of_an_unknown_conversation_give_nothing()
    {
        (await Store.UpdateConversationAsync("conv_unknown", Host, new ConversationChange { Title = "x" })).Should().BeNull();
        (await Store.GetConversationAsync("conv_unknown", Host)).Should().BeNull();
        (await Store.GetRunAsync("conv_unknown", 1, Host)).Should().BeNull();
    }

    [Fact, Rule("2.3")]
    public async Task Read_of_an_unknown_run_gives_nothing()
    {
        var begun = await BeginAsync();
        var other = await BeginAsync(Turn(ScopeOf("user_2")));

        (await Store.GetRunAsync(begun.Lease.ConversationId, begun.Lease.Fence + 100, Host)).Should().BeNull();
        (await Store.GetRunAsync(begun.Lease.ConversationId, 0, Host)).Should().BeNull();
        if (other.Lease.Fence != begun.Lease.Fence)
            (await Store.GetRunAsync(begun.Lease.ConversationId, other.Lease.Fence, Host)).Should().BeNull();
    }
}
