using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Recounts: new token counts of existing messages.</summary>
public class RecountRulesTests : RulesTest
{
    private const string Counter = "o200k_base";

    [Fact, TurnRule("4.7")]
    public async Task Recount_replaces_counts_and_nothing_else()
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

    [Fact, TurnRule("4.7", "5.6")]
    public async Task Recount_changes_nothing_else_of_conversation()
    {
        var begun = await BeginAsync();
        var before = await GetAsync(begun.Lease.ConversationId);
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.CommitTurnAsync(Completion(begun.Lease) with { Recounts = [new(1, new TokenAmount(1, "new"))] });

        (await MessagesAsync(before.Id)).Should().ContainSingle().Which.Tokens.Should().Be(new TokenAmount(1, "new"));
        (await GetAsync(before.Id)).Should().Be(before with { LastActivityAt = Time.GetUtcNow(), LastRunStatus = RunStatus.Completed });
    }

    [Fact, TurnRule("4.7")]
    public async Task Recount_skips_positions_without_message()
    {
        for (var user = 1; user <= 3; user++)
            await CreateAsync(ScopeOf($"user_{user}"), Counted("1", 1), Counted("2", 2));
        var id = (await CurrentIdAsync())!;
        await Store.DeleteMessageAsync(id, 1, Host);
        var begun = await BeginAsync();
        var before = (await StateAsync()).OfType<StoredMessage>().ToList();
        long[] nowhere = [0, 1, -1, 99, int.MaxValue, uint.MaxValue, (1L << 32) + 2, -(1L << 32) + 2, long.MaxValue, long.MinValue];

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease) with
        {
            Recounts = [.. nowhere.Select(position => new TokenRecount(position, new TokenAmount(9, "new"))), new(2, new TokenAmount(5, "new"))],
        });

        committed.Should().BeTrue();
        (await StateAsync()).OfType<StoredMessage>().Should().Equal(before.Select(message =>
            string.Equals(message.ConversationId, id, StringComparison.Ordinal) && message.Position == 2 ? message with { Tokens = new TokenAmount(5, "new") } : message));
    }

    [Fact, TurnRule("4.7")]
    public async Task Recount_skips_messages_of_same_commit()
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

    [Fact, TurnRule("4.7", "1.4")]
    public async Task Recount_changes_nothing_when_lease_is_lost()
    {
        var begun = await ExchangeAsync();
        var before = await StateAsync();

        var committed = await Store.CommitTurnAsync(Completion(begun.Lease) with { Recounts = [new(1, new TokenAmount(9, "new"))] });

        committed.Should().BeFalse();
        (await StateAsync()).Should().Equal(before);
    }

    private ConversationMessage Counted(string text, int tokens) => User(text) with { Tokens = new TokenAmount(tokens, Counter) };
}
