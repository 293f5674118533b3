using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>How decisions are carried out: load, decide, write, and again if something changed meanwhile.</summary>
public class EngineRulesTests : RulesTest
{
    private CountingStore _store = null!;

    /// <summary>The names of the operations.</summary>
    public static TheoryData<string> Operations => ["begin", "begin by id", "renew", "interrupt", "create", "change", "reopen", "delete message", "save summary"];

    [Theory, TurnRule("9.1")]
    [MemberData(nameof(Operations))]
    public async Task Operation_is_unavailable_when_every_write_is_refused(string operation)
    {
        var call = await PrepareAsync(operation);
        _store.IsRefusing = true;

        await call.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);
    }

    [Theory, TurnRule("9.1")]
    [MemberData(nameof(Operations))]
    public async Task Operation_writes_MostTries_times_when_every_write_is_refused(string operation)
    {
        var call = await PrepareAsync(operation);
        _store.IsRefusing = true;
        var before = _store.Writes;

        await call.Should().ThrowAsync<ConversationStoreException>();

        (_store.Writes - before).Should().Be(ConversationEngine.MostTries);
    }

    [Theory, TurnRule("9.1")]
    [MemberData(nameof(Operations))]
    public async Task Operation_writes_nothing_when_every_write_is_refused(string operation)
    {
        var call = await PrepareAsync(operation);
        var before = await StateAsync();
        _store.IsRefusing = true;

        await call.Should().ThrowAsync<ConversationStoreException>();

        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("9.1")]
    public async Task Begin_loads_MostTries_times_when_every_write_is_refused()
    {
        _store.IsRefusing = true;

        var begin = () => Store.BeginTurnAsync(Turn());
        await begin.Should().ThrowAsync<ConversationStoreException>();

        _store.Loads.Should().Be(ConversationEngine.MostTries);
    }

    [Fact, TurnRule("9.1")]
    public async Task Commit_loads_one_time_less_because_first_try_needs_no_load()
    {
        var begun = await BeginAsync();
        _store.IsRefusing = true;
        var before = _store.Loads;

        var commit = () => CommitAsync(begun.Lease, "answer");
        await commit.Should().ThrowAsync<ConversationStoreException>();

        (_store.Loads - before).Should().Be(ConversationEngine.MostTries - 1);
    }

    [Fact, TurnRule("9.1")]
    public async Task Turn_takes_one_load_and_two_writes()
    {
        await ExchangeAsync();

        (_store.Loads, _store.Writes).Should().Be((1, 2));
    }

    [Fact, TurnRule("9.1")]
    public async Task Turn_that_renews_and_streams_takes_one_load_for_begin_and_one_for_renewal()
    {
        var begun = await BeginAsync();
        await Store.AppendSegmentsAsync(begun.Lease, Piece.Cut(Time.GetUtcNow(), "a|b"));
        await Store.RenewLeaseAsync(begun.Lease);
        await Store.AppendSegmentsAsync(begun.Lease, Piece.Cut(Time.GetUtcNow(), "a|b|c"));

        await CommitAsync(begun.Lease, "abc");

        _store.Loads.Should().Be(2);
    }

    [Fact, TurnRule("9.1")]
    public async Task Commit_takes_one_load_when_conversation_was_renamed()
    {
        var begun = await BeginAsync();
        await Store.UpdateConversationAsync(begun.Lease.ConversationId, Host, new ConversationChange { Title = "title" });
        var before = _store.Loads;

        await CommitAsync(begun.Lease, "answer");

        (_store.Loads - before).Should().Be(1);
    }

    [Fact, TurnRule("9.1")]
    public async Task Begin_takes_at_most_three_loads_when_25_first_messages_arrive_at_once()
    {
        const int Callers = 25;
        CountingStore[] stores = [.. Enumerable.Range(0, Callers).Select(_ => new CountingStore(_store))];

        await RaceAsync(Callers, async caller => await new RulesStore(stores[caller], Time).BeginTurnAsync(Turn()));

        stores.Should().OnlyContain(store => store.Loads <= 3);
    }

    [Fact, TurnRule("9.1", "1.1")]
    public async Task Commit_is_refused_when_another_process_took_over()
    {
        var other = new RulesStore(_store, Time);
        var slow = await BeginAsync();
        Time.Advance(LeaseDuration);
        await other.BeginTurnAsync(Turn());

        (await CommitAsync(slow.Lease, "late")).Should().BeFalse();
    }

    [Fact, TurnRule("9.1")]
    public async Task Peek_returns_outcome_of_begin_and_writes_nothing()
    {
        var held = await BeginAsync();
        var before = await StateAsync();

        var outcome = await Store.Engine.PeekAsync(Turn(), CancellationToken.None);

        outcome.Should().Be(new TurnLocked(held.Lease.ConversationId, held.Lease.RunNumber, LeaseDuration));
        (await StateAsync()).Should().Equal(before);
    }

    [Fact, TurnRule("3.3")]
    public async Task FindAnswer_returns_completed_run()
    {
        var begun = await ExchangeAsync(Keyed());

        (await Store.Engine.FindAnswerAsync(Keyed(), CancellationToken.None)).Should().Be(new TurnCompletedBefore(await RunOfAsync(begun.Lease)));
    }

    [Fact, TurnRule("3.3")]
    public async Task FindAnswer_by_scope_returns_completed_run_when_scope_has_no_current_conversation()
    {
        var begun = await ExchangeAsync(Keyed());
        var current = await CreateAsync();
        await Store.DeleteConversationAsync(current.Id, Host);

        (await Store.Engine.FindAnswerAsync(Keyed(), CancellationToken.None)).Should().Be(new TurnCompletedBefore(await RunOfAsync(begun.Lease)));
    }

    [Fact, TurnRule("3.1", "2.6")]
    public async Task FindAnswer_by_id_returns_null_when_agent_differs()
    {
        var begun = await ExchangeAsync(Keyed());

        (await Store.Engine.FindAnswerAsync(KeyedIn(begun.Lease.ConversationId) with { Agent = "other" }, CancellationToken.None)).Should().BeNull();
    }

    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider)
    {
        _store = new CountingStore(new InMemoryConversationStore(timeProvider));
        return ValueTask.FromResult<IConversationStore>(_store);
    }

    /// <summary>Prepares an operation that writes.</summary>
    private async Task<Func<Task>> PrepareAsync(string operation)
    {
        var lease = (await BeginAsync()).Lease;
        var id = lease.ConversationId;
        switch (operation)
        {
            case "interrupt":
                Time.Advance(LeaseDuration);
                return () => Store.InterruptAsync(lease);
            case "reopen":
                await SetStatusAsync(id, ConversationStatus.Ended);
                return () => Store.UpdateConversationAsync(id, Host, new ConversationChange { Status = ConversationStatus.Active });
            case "begin by id":
                await CommitAsync(lease, "answer");
                return () => Store.BeginTurnAsync(TurnIn(id));
            case "save summary":
                var command = new SaveSummaryCommand { ConversationId = id, Access = Host, Base = null, HistoryRevision = 0, Through = 1, MessageCount = 1, Text = "summary" };
                return () => Store.SaveSummaryAsync(command);
            default:
                return operation switch
                {
                    "begin" => () => Store.BeginTurnAsync(Turn() with { StartNew = true }),
                    "renew" => () => Store.RenewLeaseAsync(lease),
                    "create" => () => CreateAsync(),
                    "change" => () => Store.UpdateConversationAsync(id, Host, new ConversationChange { Title = "title" }),
                    _ => () => Store.DeleteMessageAsync(id, 1, Host),
                };
        }
    }
}
