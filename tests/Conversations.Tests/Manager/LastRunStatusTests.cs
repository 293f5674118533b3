namespace Conversations.Tests.Manager;

public sealed class LastRunStatusTestsInMemory : LastRunStatusTests<InMemory>;

public sealed class LastRunStatusTestsOnSqlite : LastRunStatusTests<Sqlite>;

/// <summary>Conversations are listed by how their newest run ended, across users and conversations.</summary>
public abstract class LastRunStatusTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Conversation_that_waits_for_an_approval_is_listed_until_the_response()
    {
        await AskAsync();
        var asked = await RequestAsync(Alice);
        var other = await RequestAsync(Bob);

        (await ListAsync(Manager, RunStatus.RequiresAction)).Should().BeEquivalentTo([asked, other]);
        (await ListAsync(Alice, RunStatus.RequiresAction)).Should().Equal(asked);

        await Alice.RunTurnAsync(Respond(asked), Say("paid"), Cancellation);

        (await ListAsync(Manager, RunStatus.RequiresAction)).Should().Equal(other);
        (await ListAsync(Alice, RunStatus.Completed)).Should().Contain(asked);
    }

    [Fact]
    public async Task Conversation_is_listed_as_running_while_its_response_is_answered()
    {
        var asked = await RequestAsync(Alice);

        await using var turn = await Alice.BeginTurnAsync(Respond(asked), Cancellation);

        (await ListAsync(Manager, RunStatus.RequiresAction)).Should().BeEmpty();
        (await ListAsync(Manager, RunStatus.Running)).Should().Equal(asked);
    }

    [Fact]
    public async Task Conversation_whose_turn_failed_is_listed_until_a_turn_succeeds()
    {
        await AskAsync();
        var failing = () => Bob.RunTurnAsync(Bot, "hello", (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        var failed = (await Bob.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id;

        (await ListAsync(Manager, RunStatus.Failed)).Should().Equal(failed);

        await Bob.RunTurnAsync(Bot, "hello?", Say("hi"), Cancellation);

        (await ListAsync(Manager, RunStatus.Failed)).Should().BeEmpty();
    }

    [Fact]
    public async Task Conversation_whose_turn_was_interrupted_is_listed()
    {
        var dying = new ConversationManager(new StreamWatch(Store) { RefusesRenewals = true }, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var turn = await dying.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));
        (await ListAsync(Manager, RunStatus.Running)).Should().Equal([turn.ConversationId!], "this was not noticed yet");

        var following = Alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask();
        while (!following.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await following).Should().ContainSingle().Which.EndedAs.Should().Be(RunStatus.Interrupted);
        (await ListAsync(Manager, RunStatus.Running)).Should().BeEmpty();
        (await ListAsync(Manager, RunStatus.Interrupted)).Should().Equal(turn.ConversationId!);
    }

    [Fact]
    public void Query_refuses_a_status_that_is_not_defined()
    {
        var query = () => new ConversationQuery { LastRunStatus = (RunStatus)99 };

        query.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static TurnRequest Respond(string conversationId) =>
        new(Bot, new ConversationMessage(MessageRole.User, new ApprovalResponsePart("r", """{"approved":true}"""))) { ConversationId = conversationId };

    private static async Task<string> RequestAsync(ScopedConversations view) => (await view.RunTurnAsync(new TurnRequest(Bot, "pay") { StartNew = true }, (turn, _) =>
    {
        turn.Add(new ConversationMessage(MessageRole.Assistant, new ApprovalRequestPart("r", """{"tool":"pay"}""")));
        return Task.CompletedTask;
    }, Cancellation)).ConversationId!;

    private static async Task<List<string>> ListAsync(ConversationView view, RunStatus status) =>
        await view.ListAsync(new ConversationQuery { LastRunStatus = status }, Cancellation).Select(conversation => conversation.Id).ToListAsync(Cancellation);
}
