using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: summaries by many at once, and while messages are deleted and superseded.</summary>
public abstract class SummaryRaceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Runners = 12;

    // One round may go well by chance.
    private const int Rounds = 20;

    private protected override TimeProvider StoreClock => new DawdlingClock(Time);

    [Fact, Rule("18.2")]
    public async Task Save_by_many_from_one_saves_one()
    {
        var summaries = SummaryCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"), User("2"), User("3"));

            var saved = await RaceAsync(Runners, async runner =>
                await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 0, 1 + (runner % 3)) with { Text = $"{runner}" }));

            saved.Should().ContainSingle(success => success);
            var winner = Enumerable.Range(0, Runners).Single(runner => saved[runner]);
            (await summaries.GetSummaryAsync(created.Id, Host, 9)).Should().Match<ConversationSummary>(summary => summary.Text == $"{winner}" && summary.Through == 1 + (winner % 3));
        }
    }

    [Fact, Rule("18.2", "18.3")]
    public async Task Delete_of_a_message_while_it_is_summarised_leaves_no_summary_that_covers_it()
    {
        var summaries = SummaryCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"), User("2"), User("3"));
            (await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 0, 1))).Should().BeTrue();
            var deleter = round % 2;

            var done = await RaceAsync(2, async runner => runner == deleter
                ? await Store.DeleteMessageAsync(created.Id, 2, Host)
                : await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 1, 3)));

            done[deleter].Should().BeTrue();
            (await summaries.GetSummaryAsync(created.Id, Host, 9))!.Through.Should().Be(1);
            (await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 1, 3) with { MessageCount = 1 })).Should().BeTrue();
        }
    }

    [Fact, Rule("18.2", "19.6")]
    public async Task Superseding_while_it_is_summarised_leaves_no_summary_that_covers_what_is_superseded()
    {
        var summaries = SummaryCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"), User("2"), User("3"));
            (await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 0, 1))).Should().BeTrue();
            var again = await BeginAsync(Again(created.Id, 1, scope: ScopeOf($"user_{round}")));
            var superseder = round % 2;

            var done = await RaceAsync(2, async runner => runner == superseder
                ? await Store.CommitTurnAsync(Completion(again.Lease, "again") with { SupersedeFrom = 2 })
                : await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 1, 3)));

            done[superseder].Should().BeTrue();
            (await summaries.GetSummaryAsync(created.Id, Host, 9))!.Through.Should().Be(1);
            var anew = SummaryCommands.Save(created.Id, Host, 1, 4) with { SupersededCount = 2, LastSupersededBy = again.Lease.Fence };
            (await summaries.SaveSummaryAsync(anew)).Should().BeTrue();
        }
    }

    [Fact, Rule("18.3", "13.1")]
    public async Task Delete_of_a_conversation_while_it_is_summarised_leaves_nothing()
    {
        var summaries = SummaryCommands.FeatureOf(Store);
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateAsync(ScopeOf($"user_{round}"), User("1"));
            var deleter = round % 2;

            var done = await RaceAsync(2, async runner => runner == deleter
                ? await Store.DeleteConversationAsync(created.Id, Host)
                : await summaries.SaveSummaryAsync(SummaryCommands.Save(created.Id, Host, 0, 1)));

            done[deleter].Should().BeTrue();
            (await summaries.GetSummaryAsync(created.Id, Host, 9)).Should().BeNull();
        }
    }
}
