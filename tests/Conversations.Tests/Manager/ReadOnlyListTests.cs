using System.Collections;

namespace Conversations.Tests.Manager;

/// <summary>Lists that the library returns cannot be cast to one that can be changed.</summary>
public sealed class ReadOnlyListTests : ManagerTest<InMemory>
{
    [Fact]
    public async Task Lists_of_a_turn_cannot_be_changed()
    {
        await AskAsync();
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("hi"));

        ShouldBeReadOnly(turn.Input);
        ShouldBeReadOnly(turn.Added);
        ShouldBeReadOnly(turn.History);
        ShouldBeReadOnly((await turn.CommitAsync(Cancellation)).Messages);
    }

    [Fact]
    public async Task Prompt_that_is_changed_does_not_affect_the_turn()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);

        if (turn.Prompt is IList<ConversationMessage> { IsReadOnly: false } mine)
            mine.Clear();

        turn.Prompt.Select(message => message.Text).Should().Equal("You are kind.", "hello");
    }

    [Fact]
    public async Task Lists_of_a_replay_cannot_be_changed()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key" };
        await AskAsync(request);

        ShouldBeReadOnly((await AskAsync(request)).Messages);
    }

    [Fact]
    public async Task Items_of_a_page_cannot_be_changed()
    {
        var asked = await AskAsync();
        await AskAsync();

        ShouldBeReadOnly((await Alice.ListPageAsync(cancellationToken: Cancellation)).Items);
        ShouldBeReadOnly((await Alice.GetMessagePageAsync(asked.ConversationId!, cancellationToken: Cancellation)).Items);
        ShouldBeReadOnly((await Alice.GetMessagePageAsync(asked.ConversationId!, new MessageQuery { PageSize = 1 }, cancellationToken: Cancellation)).Items);
        ShouldBeReadOnly((await Alice.GetRunPageAsync(asked.ConversationId!, pageSize: 1, cancellationToken: Cancellation)).Items);
    }

    [Fact]
    public async Task Lists_of_records_cannot_be_changed()
    {
        var asked = await AskAsync();
        var report = await new ConversationMaintenance(Store, Options(), Time).GetUsageAsync(new UsageQuery { GroupBy = UsageGrouping.Agent }, Cancellation);

        ShouldBeReadOnly(report.Rows);
        ShouldBeReadOnly(asked.Messages[0].Parts);
        ShouldBeReadOnly(new TurnRequest(Bot, "hello").Input);
        ShouldBeReadOnly(new TurnRequest(Bot, [ConversationMessage.User("hello")]).Input);
        ShouldBeReadOnly(new ConversationImport(Bot, [ConversationMessage.User("hello")]).Messages);
        ShouldBeReadOnly(new Page<int>([1], null).Items);
        ShouldBeReadOnly(new Page<int>(new List<int> { 1 }, null).Items);
        ShouldBeReadOnly(new Page<int>(new[] { 1 }, null).Items);
    }

    [Fact]
    public void Agents_of_options_cannot_be_changed() =>
        Options().Agents.Should().BeAssignableTo<IDictionary<string, AgentOptions>>().Which.IsReadOnly.Should().BeTrue();

    private static void ShouldBeReadOnly<T>(IReadOnlyList<T> list)
    {
        list.Should().NotBeEmpty().And.NotBeAssignableTo<T[]>().And.NotBeAssignableTo<List<T>>();
        if (list is IList untyped)
            FluentActions.Invoking(() => untyped[0] = null).Should().Throw<NotSupportedException>();
        if (list is IList<T> typed)
            FluentActions.Invoking(() => typed[0] = default!).Should().Throw<NotSupportedException>();
    }
}
