namespace Conversations.Tests.Rules;

/// <summary>Summaries that are saved by many at once, and while messages are deleted and superseded.</summary>
public class SummaryRaceRulesTests : RulesTest
{
    private const int Runners = 12;

    // One round can succeed by chance.
    private const int Rounds = 20;

    [Fact, TurnRule("8.1")]
    public async Task Save_by_many_with_one_base_saves_one()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"), User("2"), User("3"));

            var saved = await RaceAsync(Runners, runner => Store.SaveSummaryAsync(Command(created.Id, null, 1 + (runner % 3)) with { Text = $"{runner}" }));

            saved.Should().ContainSingle(success => success);
            var winner = Enumerable.Range(0, Runners).Single(runner => saved[runner]);
            (await Store.GetSummaryAsync(created.Id, Host, 9)).Should().Match<ConversationSummary>(summary => summary.Text == $"{winner}" && summary.Through == 1 + (winner % 3));
        }
    }

    [Fact, TurnRule("8.1", "8.2")]
    public async Task DeleteMessage_during_save_leaves_no_summary_that_covers_it()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"), User("2"), User("3"));
            var first = await SummarizeFirstAsync(created.Id);
            var deleter = round % 2;

            var done = await RaceAsync(2, runner => runner == deleter
                ? Store.DeleteMessageAsync(created.Id, 2, Host)
                : Store.SaveSummaryAsync(Command(created.Id, first, 3)));

            done[deleter].Should().BeTrue();
            (await Store.GetSummaryAsync(created.Id, Host, 9))!.Through.Should().Be(1);
        }
    }

    [Fact, TurnRule("8.1", "4.8")]
    public async Task Superseding_during_save_leaves_no_summary_that_covers_it()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"), User("2"), User("3"));
            var first = await SummarizeFirstAsync(created.Id);
            var again = await BeginAsync(Again(created.Id, 1, scope: ScopeOf($"user_{round}")));
            var superseder = round % 2;

            var done = await RaceAsync(2, runner => runner == superseder
                ? Store.CommitTurnAsync(Completion(again.Lease, "again") with { SupersedeFrom = 2 })
                : Store.SaveSummaryAsync(Command(created.Id, first, 3)));

            done[superseder].Should().BeTrue();
            (await Store.GetSummaryAsync(created.Id, Host, 9))!.Through.Should().Be(1);
        }
    }

    [Fact, TurnRule("8.2", "7.2")]
    public async Task Delete_during_save_leaves_no_summary()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"));
            var deleter = round % 2;

            var done = await RaceAsync(2, runner => runner == deleter
                ? Store.DeleteConversationAsync(created.Id, Host)
                : Store.SaveSummaryAsync(Command(created.Id, null, 1)));

            done[deleter].Should().BeTrue();
            (await Store.GetSummaryAsync(created.Id, Host, 9)).Should().BeNull();
        }
    }

    private async Task<ConversationSummary> SummarizeFirstAsync(string conversationId)
    {
        (await Store.SaveSummaryAsync(Command(conversationId, null, 1))).Should().BeTrue();
        return (await Store.GetSummaryAsync(conversationId, Host, 9))!;
    }

    private SaveSummaryCommand Command(string conversationId, ConversationSummary? from, long through) => new()
    {
        ConversationId = conversationId,
        Access = Host,
        Base = from,
        HistoryRevision = 0,
        Through = through,
        MessageCount = (int)(through - (from?.Through ?? 0)),
        Text = "summary",
        StartedAt = Time.GetUtcNow(),
    };
}
