namespace Conversations.Tests.Manager;

/// <summary>Tokens of the prompt that the library does not see: the request counts them with the counter of the agent. A message of n words costs n + 4, and a prompt 3.</summary>
public sealed class ReservedTokensTests : ManagerTest<InMemory>
{
    private static readonly CountingCounter Words = new("words");

    private static readonly Func<ITokenCounter, int> Reserved = counter => counter.Count("weather city date") + 7;

    [Fact]
    public async Task Reserved_tokens_leave_less_room_for_the_history_and_are_part_of_every_figure()
    {
        var alice = Agent(tokenLimit: 3 + 10 + 5 + 20);
        for (var i = 0; i < 4; i++)
            await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);
        var request = new TurnRequest("words", "now") { ReservedTokens = Reserved };
        var (shown, window) = (0, (ContextWindow?)null);

        var explained = await alice.ExplainAsync(request, Cancellation);
        var result = await alice.RunTurnAsync(request, (turn, _) =>
        {
            (shown, window) = (turn.Prompt.Count, turn.Window);
            return Task.FromResult("sunny");
        }, Cancellation);

        (shown, window!.Tokens, window.TokenLimit).Should().Be((5, new TokenAmount(38, "words"), 38));
        window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.TokenLimit, 1, 4));
        explained.Window!.Tokens.Count.Should().Be(38);
        var run = await alice.GetRunAsync(result.RunId!, Cancellation);
        (run!.PromptTokens, run.HistoryTokens).Should().Be((38L, 20L));
    }

    [Fact]
    public async Task Request_whose_reserved_tokens_leave_no_room_is_refused_before_anything_is_written()
    {
        var alice = Agent(tokenLimit: 17);

        var begin = () => alice.BeginTurnAsync(new TurnRequest("words", "now") { ReservedTokens = Reserved }, Cancellation);

        var refused = (await begin.Should().ThrowAsync<PromptTooLargeException>()).Which;
        (refused.Tokens.Count, refused.TokenLimit).Should().Be((3 + 10 + 5, 17));
        (await alice.GetCurrentAsync("words", cancellationToken: Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Second_answer_reserves_tokens_too()
    {
        var alice = Agent(tokenLimit: 3 + 10 + 5 + 15);
        await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);
        await alice.RunTurnAsync("words", "question", Say("answer"), Cancellation);
        var last = await alice.RunTurnAsync("words", "now", Say("answer"), Cancellation);

        await using var turn = await alice.BeginRegenerateAsync(new RegenerateRequest(last.ReplyMessageId!) { ReservedTokens = Reserved }, Cancellation);

        (turn.History.Count, turn.Window.Tokens.Count).Should().Be((2, 28));
    }

    [Fact]
    public async Task Reserved_tokens_do_not_keep_a_conversation_from_being_summarized()
    {
        var summarized = new TaskCompletionSource();
        var alice = Agent(tokenLimit: 40, new DelegatedSummarizer(() => summarized.TrySetResult()));

        for (var i = 0; i < 8; i++)
            await alice.RunTurnAsync(new TurnRequest("words", "question") { ReservedTokens = Reserved }, Say("answer"), Cancellation);

        await summarized.Task.WaitAsync(Cancellation);
    }

    [Fact]
    public async Task Reserved_tokens_below_0_are_refused()
    {
        var alice = Agent(tokenLimit: null);

        var begin = () => alice.BeginTurnAsync(new TurnRequest("words", "now") { ReservedTokens = _ => -1 }, Cancellation);

        await begin.Should().ThrowAsync<InvalidOperationException>().WithMessage("*ReservedTokens*");
    }

    private ScopedConversations Agent(int? tokenLimit, IConversationSummarizer? summarizer = null) => new ConversationManager(
        Store,
        new ConversationOptions().AddAgent("words", agent => (agent.TokenCounter, agent.TokenLimit, agent.HistoryTrim, agent.Summarizer, agent.SummaryThreshold) = (Words, tokenLimit, 1, summarizer, 2)),
        Time,
        Log).ForIdentity(ConversationIdentity.ForUser("alice"));

    private sealed class DelegatedSummarizer(Action summarized) : IConversationSummarizer
    {
        public Task<SummaryResult> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default)
        {
            summarized();
            return Task.FromResult(new SummaryResult("short"));
        }
    }
}
