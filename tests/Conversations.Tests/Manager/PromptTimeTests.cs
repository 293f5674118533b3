using Conversations.StoreSpecification;

namespace Conversations.Tests.Manager;

/// <summary>Prompts that state when messages were created.</summary>
public sealed class PromptTimeTests
{
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromMinutes(330), "test", "test");

    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 19, 50, 59, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prompt_states_the_time_of_each_user_message_the_same_at_every_turn()
    {
        var alice = Manager(agent => (agent.SystemPrompt, agent.PromptTimeZone) = ("You are kind.", Zone));

        var first = await PromptAsync(alice, "one");
        _time.Advance(TimeSpan.FromHours(5));
        var second = await PromptAsync(alice, "two");

        first.Should().Equal("You are kind.", "[Tue 2026-12-01 01:20 +05:30] one");
        second.Should().Equal("You are kind.", "[Tue 2026-12-01 01:20 +05:30] one", "answer", "[Tue 2026-12-01 06:20 +05:30] two");
    }

    [Fact]
    public async Task Prompt_states_no_time_by_default()
    {
        var alice = Manager(static _ => { });

        (await PromptAsync(alice, "one")).Should().Equal("one");
    }

    [Fact]
    public async Task Message_is_stored_without_its_time()
    {
        var alice = Manager(static agent => agent.PromptTimeZone = Zone);

        var result = await alice.RunTurnAsync("bot", "one", static (turn, _) => Task.FromResult(turn.TimeTextOf(turn.Input[0])!), Cancellation);

        (await alice.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).Select(message => message.Text).ToListAsync(Cancellation)).Should().Equal("one", "[Tue 2026-12-01 01:20 +05:30] ");
    }

    [Fact]
    public async Task Time_is_its_own_text_before_a_picture()
    {
        var alice = Manager(static agent => agent.PromptTimeZone = TimeZoneInfo.Utc);
        await using var turn = await alice.BeginTurnAsync(new TurnRequest("bot", [new ConversationMessage(MessageRole.User, new DataPart("image/png", new byte[] { 1 }))]), Cancellation);

        turn.Prompt[0].Parts.Should().HaveCount(2);
        turn.Prompt[0].Text.Should().Be("[Mon 2026-11-30 19:50 +00:00]");
    }

    [Fact]
    public async Task Turn_that_is_not_stored_states_the_current_time()
    {
        var alice = Manager(static agent => (agent.Mode, agent.PromptTimeZone) = (PersistenceMode.Stateless, TimeZoneInfo.Utc));

        (await PromptAsync(alice, "one")).Should().Equal("[Mon 2026-11-30 19:50 +00:00] one");
    }

    [Fact]
    public async Task Times_count_against_the_token_limit()
    {
        // A prompt costs 3, a message 4 and each of its characters 1; a time has 30.
        var counter = TokenCounter.Create("characters", static text => text.Length);
        var alice = Manager(agent => (agent.PromptTimeZone, agent.TokenLimit, agent.TokenCounter, agent.HistoryTrim) = (TimeZoneInfo.Utc, 3 + (2 * (4 + 30 + 3)) + 4 + 6, counter, 1));
        await PromptAsync(alice, "one");

        (await PromptAsync(alice, "two")).Should().HaveCount(3, "it fits exactly");
        await using var turn = await alice.BeginTurnAsync(new TurnRequest("bot", "three"), Cancellation);
        turn.Prompt.Select(message => message.Text).Should().Equal("answer", "[Mon 2026-11-30 19:50 +00:00] three");
        turn.Window.Tokens.Should().Be(new TokenAmount(3 + (4 + 6) + (4 + 30 + 5), "characters+time"));
    }

    private ScopedConversations Manager(Action<AgentOptions> configure) =>
        new ConversationManager(new InMemoryConversationStore(_time), new ConversationOptions().AddAgent("bot", configure), _time).ForIdentity(ConversationIdentity.ForUser("alice"));

    private static async Task<List<string>> PromptAsync(ScopedConversations view, string text)
    {
        List<string> prompt = [];
        await view.RunTurnAsync("bot", text, (turn, _) =>
        {
            prompt = [.. turn.Prompt.Select(message => message.Text)];
            return Task.FromResult("answer");
        }, Cancellation);
        return prompt;
    }
}
