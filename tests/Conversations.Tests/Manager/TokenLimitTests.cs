namespace Conversations.Tests.Manager;

/// <summary>Counting stops once the token limit is passed. A message of n words costs n + 4, and a prompt 3.</summary>
public sealed class TokenLimitTests : ManagerTest<InMemory>
{
    private const int Limit = 20;

    private static readonly string Long = string.Join(' ', Enumerable.Repeat("word", 1_000));

    [Fact]
    public async Task Input_above_the_limit_is_not_counted_to_its_end()
    {
        var begin = () => Caller().BeginTurnAsync(new TurnRequest("words", [ConversationMessage.User(Long), ConversationMessage.User(Long)]), Cancellation);

        var refused = (await begin.Should().ThrowAsync<PromptTooLargeException>()).Which;
        refused.Tokens.Count.Should().BeInRange(Limit + 1, 2 * (Limit + 8));
    }

    [Fact]
    public async Task Input_above_the_limit_of_the_request_is_not_counted_to_its_end()
    {
        var begin = () => Caller().BeginTurnAsync(new TurnRequest("words", Long) { TokenLimit = 10 }, Cancellation);

        var refused = (await begin.Should().ThrowAsync<PromptTooLargeException>()).Which;
        (refused.Tokens.Count, refused.TokenLimit).Should().Be((11 + 4 + 3, 10));
    }

    [Theory]
    [InlineData(Limit, true)]
    [InlineData(Limit + 1, false)]
    public async Task Input_up_to_the_limit_is_counted_exactly(int tokens, bool fits)
    {
        var text = string.Join(' ', Enumerable.Repeat("word", tokens - 4 - 3));

        var begin = async () =>
        {
            await using var turn = await Caller().BeginTurnAsync(new TurnRequest("words", text), Cancellation);
            return turn.Window.Tokens.Count;
        };

        if (fits)
            (await begin()).Should().Be(tokens);
        else
            (await begin.Should().ThrowAsync<PromptTooLargeException>()).Which.Tokens.Count.Should().Be(tokens);
    }

    [Fact]
    public async Task Input_with_a_key_is_stored_with_its_exact_count()
    {
        var alice = Caller();
        var begin = () => alice.BeginTurnAsync(new TurnRequest("words", Long) { IdempotencyKey = "k" }, Cancellation);

        await begin.Should().ThrowAsync<PromptTooLargeException>();

        var conversation = await alice.GetCurrentAsync("words", cancellationToken: Cancellation);
        var stored = (await alice.GetMessagesAsync(conversation!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation)).Single();
        stored.Tokens.Should().Be(new TokenAmount(1_000 + 4, "words"));
    }

    private ScopedConversations Caller() => new ConversationManager(
        Store,
        new ConversationOptions().AddAgent("words", agent => (agent.TokenCounter, agent.TokenLimit) = (new StoppingCounter(), Limit)),
        Time,
        Log).ForIdentity(ConversationIdentity.ForUser("alice"));

    private sealed class StoppingCounter : ITokenCounter
    {
        public string Name => "words";

        public int Count(ReadOnlySpan<char> text) => text.IsEmpty ? 0 : text.Count(' ') + 1;

        public int Count(ReadOnlySpan<char> text, int limit) => Math.Min(Count(text), limit + 1);
    }
}
