namespace Conversations.Tests.Manager;

public sealed class ReachTestsInMemory : ReachTests<InMemory>;

public sealed class ReachTestsOnSqlite : ReachTests<Sqlite>;

/// <summary>What a view reaches by name, what it reaches only by a grant, and which channels it can name.</summary>
public abstract class ReachTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string Key = "order-7";

    private static readonly ConversationGrants Granted = new() { Threads = [Key] };

    private static ConversationIdentity Ann => ConversationIdentity.ForUser("ann", "acme");

    [Fact]
    public async Task Thread_is_continued_by_every_caller_that_names_its_key()
    {
        var first = await Manager.ForIdentity(Ann).RunTurnAsync(InThread("1"), Say("2"), Cancellation);
        var second = await Manager.ForIdentity(ConversationIdentity.ForUser("ben", "acme")).RunTurnAsync(InThread("3"), Say("4"), Cancellation);

        second.ConversationId.Should().Be(first.ConversationId);
        (await TextsAsync(first.ConversationId)).Should().Equal("1", "2", "3", "4");
    }

    [Fact]
    public async Task Run_ids_do_not_depend_on_what_other_tenants_do()
    {
        var other = Manager.ForIdentity(ConversationIdentity.ForUser("cal", "globex"));
        for (var turn = 0; turn < 5; turn++)
            await other.RunTurnAsync(new TurnRequest(Bot, "hello") { StartNew = turn % 2 == 0 }, Say("hi"), Cancellation);

        var result = await Manager.ForIdentity(Ann).RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);

        result.RunId.Should().Be(ConversationIds.Run(result.ConversationId!, 1));
    }

    [Fact]
    public async Task Thread_that_is_named_can_be_read_ended_and_listed()
    {
        var ann = Manager.ForIdentity(Ann);
        var id = (await ann.RunTurnAsync(InThread("1"), Say("2"), Cancellation)).ConversationId;

        (await ann.GetCurrentAsync(Bot, Key, cancellationToken: Cancellation))!.Id.Should().Be(id);
        (await ann.ListAsync(new ConversationQuery { Thread = Key }, Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.Id.Should().Be(id);
        (await ann.ExplainAsync(InThread("3"), Cancellation)).Conversation!.Id.Should().Be(id);
        (await ann.EndCurrentAsync(Bot, Key, cancellationToken: Cancellation))!.Status.Should().Be(ConversationStatus.Ended);
    }

    [Fact]
    public async Task Thread_that_is_named_answers_each_request_once()
    {
        var request = InThread("1") with { IdempotencyKey = "key" };
        var first = await Manager.ForIdentity(Ann).RunTurnAsync(request, Say("2"), Cancellation);

        var again = await Manager.ForIdentity(Ann).RunTurnAsync(request, Say("other"), Cancellation);

        again.IsReplay.Should().BeTrue();
        again.ReplyMessageId.Should().Be(first.ReplyMessageId);
    }

    [Fact]
    public async Task Threads_are_listed_and_read_by_id_only_with_a_grant()
    {
        var id = (await Manager.ForIdentity(Ann).RunTurnAsync(InThread("1"), Say("2"), Cancellation)).ConversationId!;
        var without = Manager.ForIdentity(Ann);
        var with = Manager.ForIdentity(Ann, Granted);

        (await without.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
        (await without.GetAsync(id, Cancellation)).Should().BeNull();
        (await with.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.Id.Should().Be(id);
        (await with.GetMessagesAsync(id, cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(2);
    }

    [Fact]
    public async Task Grant_of_a_thread_reaches_no_other_thread()
    {
        await Manager.ForIdentity(Ann).RunTurnAsync(InThread("1", "order-8"), Say("2"), Cancellation);

        (await Manager.ForIdentity(Ann, Granted).ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Channel_that_is_not_granted_is_refused()
    {
        var pinned = Manager.ForIdentity(Ann, new ConversationGrants { Channels = [ConversationChannels.Chat] });

        var calls = new Func<Task>[]
        {
            () => pinned.RunTurnAsync(new TurnRequest(Bot, "1") { Channel = "api" }, Say("2"), Cancellation),
            () => pinned.ExplainAsync(new TurnRequest(Bot, "1") { Channel = "api" }, Cancellation),
            () => pinned.CreateAsync(Bot, channel: "api", cancellationToken: Cancellation),
            () => pinned.ResetAsync(Bot, channel: "api", cancellationToken: Cancellation),
            () => pinned.GetCurrentAsync(Bot, channel: "api", cancellationToken: Cancellation),
            () => pinned.EndCurrentAsync(Bot, channel: "api", cancellationToken: Cancellation),
        };

        foreach (var call in calls)
            (await call.Should().ThrowAsync<ArgumentException>()).Which.Message.Should().Contain("ConversationGrants.Channels");
        (await pinned.RunTurnAsync(new TurnRequest(Bot, "1"), Say("2"), Cancellation)).ConversationId.Should().NotBeNull();
        (await Manager.ListAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(1);
    }

    [Fact]
    public void Grants_refuse_keys_that_are_not_well_formed()
    {
        FluentActions.Invoking(() => new ConversationGrants { Threads = [" "] }).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ConversationGrants { Channels = ["a\0"] }).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new ConversationGrants { Threads = null! }).Should().Throw<ArgumentNullException>();
    }

    private static TurnRequest InThread(string text, string key = Key) => new(Bot, text) { Thread = key };
}
