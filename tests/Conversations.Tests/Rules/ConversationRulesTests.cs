namespace Conversations.Tests.Rules;

/// <summary>Creating and changing conversations outside turns.</summary>
public class ConversationRulesTests : RulesTest
{
    [Fact, TurnRule("2.3", "4.2", "5.1", "5.2")]
    public async Task Create_writes_conversation_and_messages()
    {
        var began = Time.GetUtcNow().AddYears(-2);
        var answered = Time.GetUtcNow().AddYears(-1);
        var messages = new[] { User("1") with { CreatedAt = began }, Assistant("2") with { CreatedAt = answered } };

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
            LastActivityAt = answered,
            LastMessageAt = answered,
        });
        (await GetAsync("conv_x")).Should().Be(created);
        (await MessagesAsync("conv_x")).Should().Equal(
            messages[0].StoredAt("conv_x", 1),
            messages[1].StoredAt("conv_x", 2));
    }

    [Fact, TurnRule("2.3", "5.2")]
    public async Task Create_begins_at_position_0_and_now_when_there_are_no_messages()
    {
        var created = await CreateAsync();

        created.MessageCount.Should().Be(0);
        created.LastPosition.Should().Be(0);
        created.LastMessageAt.Should().BeNull();
        created.Title.Should().BeNull();
        created.CreatedAt.Should().Be(Time.GetUtcNow());
        (await MessagesAsync(created.Id)).Should().BeEmpty();
    }

    [Fact, TurnRule("9.1")]
    public async Task Create_is_unavailable_and_writes_nothing_when_id_exists()
    {
        var created = await CreateAsync(null, User("1"), User("2"));
        var before = await StateAsync();
        var store = new RulesStore(Store.Inner, Time, new InstantTimeProvider());

        foreach (var scope in new[] { ScopeOf(), ScopeOf("user_2") })
        {
            var again = () => store.CreateConversationAsync(Creation(scope, User("3")) with { ConversationId = created.Id, Current = CurrentConversationRule.End });
            await again.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);
        }

        (await StateAsync()).Should().Equal(before);
        (await CurrentIdAsync(ScopeOf("user_2"))).Should().BeNull();
    }

    [Fact, TurnRule("9.1")]
    public async Task Begin_is_unavailable_and_writes_nothing_when_new_id_exists()
    {
        var begun = await ExchangeAsync(Keyed());
        var before = await StateAsync();
        var store = new RulesStore(Store.Inner, Time, new InstantTimeProvider());

        foreach (var scope in new[] { ScopeOf(), ScopeOf("user_2") })
        {
            var command = Keyed("another", scope) with { StartNew = true, NewConversationId = begun.Lease.ConversationId };
            var again = () => store.BeginTurnAsync(command);
            await again.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);
            (await StateAsync()).Should().Equal(before);
        }

        (await CurrentIdAsync(ScopeOf("user_2"))).Should().BeNull();
        (await BeginAsync(Keyed("another"))).IsOnExistingInput.Should().BeFalse();
    }

    [Fact, TurnRule("4.2")]
    public async Task Begin_appends_after_messages_of_the_past()
    {
        var created = await CreateAsync(null, User("1"), User("2"));

        var begun = await BeginAsync();

        begun.Lease.ConversationId.Should().Be(created.Id);
        begun.InputPosition.Should().Be(3);
    }

    [Fact, TurnRule("1.2")]
    public async Task Create_takes_no_lease()
    {
        var created = await CreateAsync();

        (await BeginAsync()).Lease.ConversationId.Should().Be(created.Id);
    }

    [Theory, TurnRule("2.4", "5.6")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Change_ends_and_reopens(ConversationStatus status)
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

    [Fact, TurnRule("2.4")]
    public async Task Change_leaves_members_that_are_null()
    {
        var created = await Store.CreateConversationAsync(Creation() with { Title = "old" });

        var nothing = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange());
        var renamed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "new" });
        var both = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "newer", Status = ConversationStatus.Ended });

        nothing.Should().Be(created);
        renamed.Should().Be(created with { Title = "new" });
        both.Should().Be(created with { Title = "newer", Status = ConversationStatus.Ended, EndedAt = Time.GetUtcNow() });
    }

    [Fact, TurnRule("2.4", "5.6")]
    public async Task Change_of_metadata_leaves_everything_else()
    {
        var created = await Store.CreateConversationAsync(Creation() with { Title = "title", Metadata = "{}" });
        Time.Advance(TimeSpan.FromSeconds(1));

        var renamed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "new" });
        var changed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Metadata = new MetadataChange("""{"a":1}""") });
        var removed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Metadata = new MetadataChange(null) });

        renamed.Should().Be(created with { Title = "new" });
        changed.Should().Be(renamed! with { Metadata = """{"a":1}""" });
        removed.Should().Be(renamed! with { Metadata = null });
    }

    [Fact, TurnRule("2.9")]
    public async Task Turn_gives_metadata_only_to_a_conversation_that_it_creates()
    {
        var begun = await ExchangeAsync(Turn() with { Metadata = "{}" });

        await BeginAsync(Turn() with { Metadata = """{"a":1}""" });

        (await GetAsync(begun.Lease.ConversationId)).Metadata.Should().Be("{}");
    }

    [Theory, TurnRule("2.4", "5.6")]
    [InlineData(ConversationStatus.Active)]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Change_writes_nothing_when_status_is_same(ConversationStatus status)
    {
        var created = await CreateAsync();
        var first = await SetStatusAsync(created.Id, status);
        Time.Advance(TimeSpan.FromSeconds(1));

        var second = await SetStatusAsync(created.Id, status);

        second.Should().Be(first);
        (await GetAsync(created.Id)).Should().Be(first);
    }

    [Fact, TurnRule("2.4")]
    public async Task Change_keeps_end_when_ended_is_archived()
    {
        var created = await CreateAsync();
        var ended = await SetStatusAsync(created.Id, ConversationStatus.Ended);
        Time.Advance(TimeSpan.FromSeconds(1));

        var archived = await SetStatusAsync(created.Id, ConversationStatus.Archived);

        archived.Should().Be(ended with { Status = ConversationStatus.Archived });
    }

    [Fact, TurnRule("2.4")]
    public async Task Change_keeps_end_when_archived_is_ended()
    {
        var created = await CreateAsync();
        var archived = await SetStatusAsync(created.Id, ConversationStatus.Archived);
        Time.Advance(TimeSpan.FromSeconds(1));

        var ended = await SetStatusAsync(created.Id, ConversationStatus.Ended);

        ended.Should().Be(archived with { Status = ConversationStatus.Ended });
    }

    [Theory, TurnRule("2.4")]
    [InlineData(ConversationStatus.Active)]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Change_sets_title_when_status_is_same(ConversationStatus status)
    {
        var created = await CreateAsync();
        var before = await SetStatusAsync(created.Id, status);
        Time.Advance(TimeSpan.FromSeconds(1));

        var renamed = await Store.UpdateConversationAsync(created.Id, Host, new ConversationChange { Title = "title", Status = status });

        renamed.Should().Be(before with { Title = "title" });
    }

    [Fact, TurnRule("2.8")]
    public async Task Change_returns_null_when_conversation_is_unknown()
    {
        (await Store.UpdateConversationAsync("conv_unknown", Host, new ConversationChange { Title = "x" })).Should().BeNull();
    }
}
