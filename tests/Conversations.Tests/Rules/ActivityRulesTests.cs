namespace Conversations.Tests.Rules;

/// <summary>What counts as activity, and which times a conversation shows.</summary>
public class ActivityRulesTests : RulesTest
{
    [Fact, TurnRule("5.6")]
    public async Task LastActivityAt_does_not_go_back_when_clock_does()
    {
        var begun = await BeginAsync();
        var active = Time.GetUtcNow();
        Time.SetUtcNow(active.AddHours(-1));

        await CommitAsync(begun.Lease, "answer");
        var afterCommit = await GetAsync(begun.Lease.ConversationId);
        await BeginAsync();
        var afterBegin = await GetAsync(begun.Lease.ConversationId);
        await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);
        var afterReopening = await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Active);

        new[] { afterCommit, afterBegin, afterReopening }.Select(conversation => conversation.LastActivityAt).Should().AllBeEquivalentTo(active);
    }

    [Theory, TurnRule("5.6")]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public async Task LastActivityAt_that_is_more_than_a_day_ahead_is_replaced_by_the_next_activity(int ticks, bool isReplaced)
    {
        var begun = await BeginAsync();
        await CommitAsync(begun.Lease, "answer");
        var active = Time.GetUtcNow();
        Time.SetUtcNow(active.AddDays(-1).AddTicks(-ticks));

        await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);
        var reopened = await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Active);

        reopened.LastActivityAt.Should().Be(isReplaced ? Time.GetUtcNow() : active);
    }

    [Fact, TurnRule("5.6")]
    public async Task LastActivityAt_of_an_import_is_the_time_of_its_last_message()
    {
        var now = Time.GetUtcNow();
        var (began, answered) = (now.AddYears(-2), now.AddYears(-1));

        var imported = await Store.CreateConversationAsync(Creation(null, User("1") with { CreatedAt = began }, Assistant("2") with { CreatedAt = answered }) with { CreatedAt = began });
        var empty = await Store.CreateConversationAsync(Creation(null) with { CreatedAt = began });
        var early = await Store.CreateConversationAsync(Creation(null, User("1") with { CreatedAt = now.AddHours(1) }));
        var fork = await Store.CreateConversationAsync(Creation(null, User("1") with { CreatedAt = began }) with { ForkedFrom = "message" });

        new[] { imported, empty, early, fork }.Select(conversation => conversation.LastActivityAt).Should().Equal(answered, began, now, now);
    }

    [Fact, TurnRule("5.6")]
    public async Task Creation_and_reopening_are_activity_and_other_changes_are_not()
    {
        var created = Time.GetUtcNow();
        var conversation = await Store.CreateConversationAsync(Creation(null, User("1"), User("2")) with { CreatedAt = created.AddYears(-1) });
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.UpdateConversationAsync(conversation.Id, Host, new ConversationChange { Title = "title" });
        await Store.DeleteMessageAsync(conversation.Id, 1, Host);
        var ended = await SetStatusAsync(conversation.Id, ConversationStatus.Ended);
        var reopened = await SetStatusAsync(conversation.Id, ConversationStatus.Active);

        conversation.LastActivityAt.Should().Be(created);
        ended.LastActivityAt.Should().Be(created);
        reopened.LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, TurnRule("5.6")]
    public async Task Renewal_is_no_activity()
    {
        var begun = await BeginAsync();
        var before = await GetAsync(begun.Lease.ConversationId);
        Time.Advance(TimeSpan.FromSeconds(1));

        await Store.RenewLeaseAsync(begun.Lease);

        (await GetAsync(begun.Lease.ConversationId)).Should().Be(before);
    }

    [Fact, TurnRule("5.6", "1.3")]
    public async Task Takeover_is_activity_of_the_run_that_it_interrupts()
    {
        var lost = await BeginAsync();
        Time.Advance(LeaseDuration);

        await BeginAsync();

        (await GetAsync(lost.Lease.ConversationId)).LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, TurnRule("5.6", "4.6")]
    public async Task Commit_is_no_activity_when_run_neither_brought_nor_added_a_message()
    {
        var id = await ConverseAsync(1);
        var before = await GetAsync(id);
        var begun = await BeginAsync(Again(id, 1));
        Time.Advance(TimeSpan.FromSeconds(1));

        await CommitAsync(begun.Lease);

        (await GetAsync(id)).Should().Be(before);
    }

    [Fact, TurnRule("5.6", "4.6")]
    public async Task Commit_of_second_answer_is_activity()
    {
        var id = await ConverseAsync(2);
        var begun = await BeginAsync(Again(id, 1));
        Time.Advance(TimeSpan.FromSeconds(1));

        await CommitAsync(begun.Lease, "again");

        (await GetAsync(id)).LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, TurnRule("5.6", "3.5")]
    public async Task Commit_of_retry_that_added_a_message_is_activity()
    {
        var failed = await AbandonAsync(Keyed(), RunStatus.Failed);
        var begun = await BeginAsync(Keyed());
        Time.Advance(TimeSpan.FromSeconds(1));

        await CommitAsync(begun.Lease, "answer");

        (await GetAsync(failed.Lease.ConversationId)).LastActivityAt.Should().Be(Time.GetUtcNow());
    }

    [Fact, TurnRule("5.2", "7.1")]
    public async Task LastMessageAt_is_time_of_newest_message_that_exists()
    {
        var now = Time.GetUtcNow();
        var created = await CreateAsync(null, User("1") with { CreatedAt = now.AddHours(-3) }, User("2") with { CreatedAt = now.AddHours(-2) }, User("3") with { CreatedAt = now.AddHours(-1) });

        var times = new List<DateTimeOffset?>();
        foreach (var position in new[] { 2, 3, 1 })
        {
            await Store.DeleteMessageAsync(created.Id, position, Host);
            times.Add((await GetAsync(created.Id)).LastMessageAt);
        }

        times.Should().Equal(now.AddHours(-1), now.AddHours(-3), null);
    }

    [Fact, TurnRule("4.1", "1.1", "2.4")]
    public async Task Times_are_those_of_the_clock_of_the_store()
    {
        var began = Time.GetUtcNow();
        var begun = await BeginAsync();
        Time.Advance(TimeSpan.FromTicks(3));
        var answered = Time.GetUtcNow();
        await CommitAsync(begun.Lease, "answer");
        Time.Advance(TimeSpan.FromTicks(3));

        var ended = await SetStatusAsync(begun.Lease.ConversationId, ConversationStatus.Ended);

        (ended.CreatedAt, ended.LastActivityAt, ended.EndedAt).Should().Be((began, answered, Time.GetUtcNow()));
        var run = await RunOfAsync(begun.Lease);
        (run.StartedAt, run.EndedAt).Should().Be((began, answered));
    }
}
