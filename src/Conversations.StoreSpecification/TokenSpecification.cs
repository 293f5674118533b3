using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Token counts: kept beside the messages, replaced by a commit, and what limits a window.</summary>
public abstract class TokenSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const string Counter = "o200k_base";

    [Fact, Rule("10.1")]
    public async Task Token_counts_come_back_from_every_write()
    {
        TokenAmount?[] amounts = [new(0, Counter), new(int.MaxValue, "Zähler 'x'\";--"), new(7, "O200K_BASE"), null];
        ConversationMessage[] messages = [.. amounts.Select(amount => User("x") with { Tokens = amount })];
        var created = await CreateAsync(null, messages);
        var begun = await BeginAsync(TurnIn(created.Id) with { Input = messages });

        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = messages });

        TokenAmount?[] expected = [.. amounts, .. amounts, .. amounts];
        (await MessagesAsync(created.Id)).Select(message => message.Tokens).Should().Equal(expected);
        (await WindowAsync(created.Id)).Select(message => message.Tokens).Should().Equal(expected);
    }

    [Fact, Rule("4.8")]
    public async Task Recounts_replace_the_counts_and_nothing_else()
    {
        var other = await CreateAsync(ScopeOf("user_2"), Counted("1", 1), Counted("2", 2));
        var mixed = new ConversationMessage(MessageRole.Assistant, new TextPart("a"), new RawPart("""{"type":"x"}""")) { CreatedAt = Time.GetUtcNow(), IsPartial = true };
        var created = await CreateAsync(null, Counted("1", 1), mixed, Error("3"), Counted("4", 4));
        var begun = await BeginAsync(TurnIn(created.Id));
        var before = await MessagesAsync(created.Id);
        var (one, two, three) = (new TokenAmount(10, "new"), new TokenAmount(20, "new"), new TokenAmount(0, "new"));

        await Store.CommitTurnAsync(Completion(begun.Lease, "answer") with { Recounts = [new(3, three), new(1, one), new(2, two)] });

        (await MessagesAsync(created.Id)).SkipLast(1).Should().Equal(
            before[0] with { Tokens = one }, before[1] with { Tokens = two }, before[2] with { Tokens = three }, before[3], before[4]);
        (await MessagesAsync(other.Id)).Select(message => message.Tokens).Should().Equal(new TokenAmount(1, Counter), new TokenAmount(2, Counter));
        (await GetAsync(created.Id)).Should().Match<Conversation>(c => c.MessageCount == 6 && c.LastPosition == 6);
    }

    [Fact, Rule("4.8", "8.5")]
    public async Task Recounts_alone_are_no_activity()
    {
        var begun = await BeginAsync();
        var before = await GetAsync(begun.Lease.ConversationId);
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.CommitTurnAsync(Completion(begun.Lease) with { Recounts = [new(1, new TokenAmount(1, "new"))] });

        (await MessagesAsync(before.Id)).Should().ContainSingle().Which.Tokens.Should().Be(new TokenAmount(1, "new"));
        (await GetAsync(before.Id)).Should().Be(before);
    }

    [Fact, Rule("4.8")]
    public async Task Recounts_pass_over_positions_where_nothing_stands()
    {
        for (var user = 1; user <= 3; user++)
            await CreateAsync(ScopeOf($"user_{user}"), Counted("1", 1), Counted("2", 2));
        var id = (await CurrentIdAsync())!;
        await Store.DeleteMessageAsync(id, 1, Host);
        var begun = await BeginAsync();
        var before = (await StateAsync()).OfType<ConversationMessage>().ToList();
        long[] nowhere = [0, 1, -1, 99, int.MaxValue, uint.MaxValue, (1L << 32) + 2, -(1L << 32) + 2, long.MaxValue, long.MinValue];

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease) with
        {
            Recounts = [.. nowhere.Select(position => new MessageRecount(position, new TokenAmount(9, "new"))), new(2, new TokenAmount(5, "new"))],
        });

        committed.Should().BeTrue();
        (await StateAsync()).OfType<ConversationMessage>().Should().Equal(before.Select(message =>
            string.Equals(message.ConversationId, id, StringComparison.Ordinal) && message.Position == 2 ? message with { Tokens = new TokenAmount(5, "new") } : message));
    }

    [Fact, Rule("4.8", "10.1")]
    public async Task Recounts_pass_over_the_messages_of_the_same_commit()
    {
        var begun = await BeginAsync();
        var (old, own, other) = (new TokenAmount(5, "new"), new TokenAmount(1, Counter), new TokenAmount(9, "new"));

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease) with
        {
            Messages = [Assistant("counted") with { Tokens = own }, Assistant("not counted")],
            Recounts = [new(2, other), new(1, old), new(3, other)],
        });

        committed.Should().BeTrue();
        (await MessagesAsync(begun.Lease.ConversationId)).Select(message => message.Tokens).Should().Equal(old, own, null);
    }

    [Fact, Rule("4.8", "4.4")]
    public async Task Recounts_of_a_commit_that_is_refused_change_nothing()
    {
        var begun = await ExchangeAsync();
        var before = await StateAsync();

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease) with { Recounts = [new(1, new TokenAmount(9, "new"))] });

        committed.Should().BeFalse();
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, Rule("7.4")]
    public async Task Window_stops_before_the_message_that_would_exceed_the_limit()
    {
        var conversation = await CreateAsync(null, Counted("1", 1), Counted("2", 10), Counted("3", 10), Counted("4", 10));

        (await TextsAsync(conversation.Id, limit: 31)).Should().Equal("1", "2", "3", "4");
        (await TextsAsync(conversation.Id, limit: 30)).Should().Equal("2", "3", "4");
        (await TextsAsync(conversation.Id, limit: 29)).Should().Equal("3", "4");
        (await TextsAsync(conversation.Id, limit: 10)).Should().Equal("4");
    }

    [Fact, Rule("7.4")]
    public async Task Window_whose_newest_message_alone_is_too_large_is_empty()
    {
        var conversation = await CreateAsync(null, Counted("1", 1), Counted("2", 10));

        (await TextsAsync(conversation.Id, limit: 9)).Should().BeEmpty();
        (await TextsAsync(conversation.Id, limit: 0)).Should().BeEmpty();
    }

    [Fact, Rule("7.4")]
    public async Task Window_takes_for_nothing_what_its_counter_did_not_count()
    {
        var conversation = await CreateAsync(
            null, Counted("1", 1), User("2"), Counted("3", 1000, "O200k_base"), Counted("4", 5), Counted("5", 1000, "another"), Counted("6", 0));

        (await TextsAsync(conversation.Id, limit: 5)).Should().Equal("2", "3", "4", "5", "6");
        (await TextsAsync(conversation.Id, limit: 4)).Should().Equal("5", "6");
        (await TextsAsync(conversation.Id, limit: 999, counter: "another")).Should().Equal("6");
        (await TextsAsync(conversation.Id, limit: 0, counter: "third")).Should().Equal("1", "2", "3", "4", "5", "6");
    }

    [Fact, Rule("7.4", "7.2")]
    public async Task Window_passes_over_errors_before_it_counts_tokens()
    {
        var conversation = await CreateAsync(null, Counted("1", 1), Error("x") with { Tokens = new TokenAmount(1000, Counter) }, Counted("2", 1));

        (await TextsAsync(conversation.Id, limit: 2)).Should().Equal("1", "2");
    }

    [Fact, Rule("7.4", "7.1")]
    public async Task Window_keeps_to_all_its_limits()
    {
        var conversation = await CreateAsync(null, Counted("1", 1), Counted("2", 1), Counted("3", 1), Counted("4", 1), Counted("5", 1000));
        var query = new WindowQuery { ConversationId = conversation.Id, Access = Host, Before = 5, After = 1, Limit = 9, TokenLimit = new TokenAmount(3, Counter) };

        var byPosition = await Store.ReadWindowAsync(query);
        var byMessages = await Store.ReadWindowAsync(query with { Limit = 1 });
        var byTokens = await Store.ReadWindowAsync(query with { TokenLimit = new TokenAmount(2, Counter) });

        byPosition.Select(message => message.Text).Should().Equal("2", "3", "4");
        byMessages.Select(message => message.Text).Should().Equal("4");
        byTokens.Select(message => message.Text).Should().Equal("3", "4");
    }

    [Fact, Rule("7.4")]
    public async Task Window_adds_up_the_largest_counts()
    {
        var conversation = await CreateAsync(null, Counted("1", int.MaxValue), Counted("2", int.MaxValue), Counted("3", int.MaxValue));

        (await TextsAsync(conversation.Id, limit: int.MaxValue)).Should().Equal("3");
    }

    [Fact, Rule("7.4", "4.8")]
    public async Task Window_goes_by_the_new_counts()
    {
        var created = await CreateAsync(null, Counted("1", 1), Counted("2", 1), Counted("3", 1));
        var begun = await BeginAsync(TurnIn(created.Id));
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Recounts = [new(2, new TokenAmount(8, Counter)), new(3, new TokenAmount(9, "another"))] });

        (await TextsAsync(created.Id, limit: 8)).Should().Equal("2", "3", "hello");
        (await TextsAsync(created.Id, limit: 7)).Should().Equal("3", "hello");
    }

    private ConversationMessage Counted(string text, int tokens, string counter = Counter) => User(text) with { Tokens = new TokenAmount(tokens, counter) };

    private async Task<IEnumerable<string>> TextsAsync(string conversationId, int limit, string counter = Counter) =>
        (await WindowAsync(conversationId, new TokenAmount(limit, counter))).Select(message => message.Text);

    private async Task<IReadOnlyList<ConversationMessage>> WindowAsync(string conversationId, TokenAmount? limit = null) =>
        await Store.ReadWindowAsync(new WindowQuery { ConversationId = conversationId, Access = Host, Before = long.MaxValue, Limit = 99, TokenLimit = limit });
}
