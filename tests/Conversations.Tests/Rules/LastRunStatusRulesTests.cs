namespace Conversations.Tests.Rules;

/// <summary>The status of the newest run, which a conversation shows.</summary>
public class LastRunStatusRulesTests : RulesTest
{
    [Fact, TurnRule("5.8")]
    public async Task Create_shows_no_status_also_with_messages()
    {
        var created = await CreateAsync(null, User("1"), Assistant("2"));

        created.LastRunStatus.Should().BeNull();
        (await GetAsync(created.Id)).LastRunStatus.Should().BeNull();
    }

    [Theory, TurnRule("5.8", "4.1")]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.RequiresAction)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    public async Task Turn_shows_running_and_then_how_it_ended(RunStatus status)
    {
        var first = await BeginAsync();
        var id = first.Lease.ConversationId;
        var statuses = new List<RunStatus?> { (await GetAsync(id)).LastRunStatus };
        await Store.CommitTurnAsync(Completion(first.Lease, "answer") with { Status = status });
        statuses.Add((await GetAsync(id)).LastRunStatus);
        await BeginAsync();
        statuses.Add((await GetAsync(id)).LastRunStatus);

        statuses.Should().Equal(RunStatus.Running, status, RunStatus.Running);
    }

    [Fact, TurnRule("5.8", "4.6")]
    public async Task Turn_on_existing_input_shows_running_and_then_how_it_ended()
    {
        var id = await ConverseAsync(1);
        var again = await BeginAsync(Again(id, 1));
        var running = (await GetAsync(id)).LastRunStatus;

        await Store.CommitTurnAsync(Completion(again.Lease) with { Status = RunStatus.Failed });

        running.Should().Be(RunStatus.Running);
        (await GetAsync(id)).LastRunStatus.Should().Be(RunStatus.Failed);
    }

    [Fact, TurnRule("5.8", "1.7")]
    public async Task Interruption_shows_interrupted()
    {
        var lost = await BeginAsync();
        Time.Advance(LeaseDuration);

        await Store.InterruptAsync(lost.Lease);

        (await GetAsync(lost.Lease.ConversationId)).LastRunStatus.Should().Be(RunStatus.Interrupted);
    }

    [Fact, TurnRule("5.8", "1.3")]
    public async Task Takeover_shows_the_run_that_took_over()
    {
        var lost = await BeginAsync();
        Time.Advance(LeaseDuration);

        var next = await BeginAsync();
        var running = (await GetAsync(lost.Lease.ConversationId)).LastRunStatus;
        await CommitAsync(lost.Lease, "late");
        await Store.CommitTurnAsync(Completion(next.Lease) with { Status = RunStatus.Cancelled });

        running.Should().Be(RunStatus.Running);
        (await GetAsync(lost.Lease.ConversationId)).LastRunStatus.Should().Be(RunStatus.Cancelled);
    }

    [Fact, TurnRule("5.8", "3.6")]
    public async Task Request_that_begins_in_another_conversation_shows_interrupted_in_the_first()
    {
        var lost = await BeginAsync(Keyed());
        await SetStatusAsync(lost.Lease.ConversationId, ConversationStatus.Ended);
        Time.Advance(LeaseDuration);

        var again = await BeginAsync(Keyed());

        (await GetAsync(lost.Lease.ConversationId)).LastRunStatus.Should().Be(RunStatus.Interrupted);
        (await GetAsync(again.Lease.ConversationId)).LastRunStatus.Should().Be(RunStatus.Running);
    }

    [Fact, TurnRule("5.8", "4.3", "4.4")]
    public async Task Superseding_and_restoring_show_how_their_own_run_ended()
    {
        var id = (await AbandonAsync(Turn(), RunStatus.RequiresAction)).Lease.ConversationId;
        var again = await BeginAsync(Again(id, 1));
        await Store.CommitTurnAsync(Completion(again.Lease, "again") with { Status = RunStatus.RequiresAction, SupersedeFrom = 2 });
        var superseding = (await GetAsync(id)).LastRunStatus;

        await SupersedeAsync(id, input: 1, from: 2, restore: again.Lease.RunNumber);

        superseding.Should().Be(RunStatus.RequiresAction);
        (await GetAsync(id)).LastRunStatus.Should().Be(RunStatus.Completed);
    }

    [Fact, TurnRule("5.8")]
    public async Task Changes_that_open_and_close_no_run_leave_the_status()
    {
        var begun = await AbandonAsync(Turn() with { Input = [User("1"), User("2")] }, RunStatus.RequiresAction);
        var id = begun.Lease.ConversationId;

        await Store.UpdateConversationAsync(id, Host, new ConversationChange { Title = "title" });
        await Store.DeleteMessageAsync(id, 1, Host);
        await CreateAsync();
        await SetStatusAsync(id, ConversationStatus.Ended);
        var ended = (await GetAsync(id)).LastRunStatus;
        await SetStatusAsync(id, ConversationStatus.Active);

        ended.Should().Be(RunStatus.RequiresAction);
        (await GetAsync(id)).LastRunStatus.Should().Be(RunStatus.RequiresAction);
    }
}
