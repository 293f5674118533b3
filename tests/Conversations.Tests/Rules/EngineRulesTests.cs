using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Tests.Rules;

/// <summary>How decisions are carried out: load, decide, write, and again if something changed meanwhile.</summary>
public class EngineRulesTests : RulesTest
{
    private readonly InstantTimeProvider _instant = new();
    private CountingStore _store = null!;

    /// <summary>The names of the operations.</summary>
    public static TheoryData<string> Operations => ["begin", "begin by id", "renew", "interrupt", "create", "change", "reopen", "delete message", "save summary"];

    [Theory, TurnRule("9.1")]
    [MemberData(nameof(Operations))]
    public async Task Operation_is_unavailable_after_limit_when_every_write_is_refused(string operation)
    {
        var call = await PrepareAsync(operation);
        _store.IsRefusing = true;

        await call.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);

        TimeSpan.FromTicks(_instant.GetTimestamp()).Should().BeGreaterThanOrEqualTo(ConflictBackoff.Limit).And.BeLessThan(ConflictBackoff.Limit + (1.5 * ConflictBackoff.LongestDelay));
    }

    [Theory, TurnRule("9.1")]
    [MemberData(nameof(Operations))]
    public async Task Operation_delays_retries_within_jitter_when_every_write_is_refused(string operation)
    {
        var call = await PrepareAsync(operation);
        _store.IsRefusing = true;
        var before = _store.Writes;

        await call.Should().ThrowAsync<ConversationStoreException>();

        var delays = _instant.Delays;
        (_store.Writes - before).Should().Be(delays.Count + ConflictBackoff.ImmediateRetries + 1);
        delays.Select((delay, index) => delay / TimeSpan.FromMilliseconds(Math.Min(Math.Pow(2, index + 1), ConflictBackoff.LongestDelay.TotalMilliseconds)))
            .Should().OnlyContain(factor => factor >= 0.5 && factor <= 1.5);
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
    public async Task Operations_are_unavailable_after_one_limit_when_writes_of_two_callers_are_refused()
    {
        var store = Instant();
        _store.IsRefusing = true;

        // Both are refused before the delay of either has ended.
        var begins = _instant.WhileHeld(() => new[] { store.BeginTurnAsync(Turn()), store.BeginTurnAsync(Turn()) });

        foreach (var begin in begins)
            await begin.Awaiting(task => task).Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);
        TimeSpan.FromTicks(_instant.GetTimestamp()).Should().BeLessThan(ConflictBackoff.Limit + (4 * ConflictBackoff.LongestDelay));
    }

    [Fact, TurnRule("9.1")]
    public async Task Other_targets_are_written_when_refused_operation_waits()
    {
        var delayed = new ManualTimeProvider();
        var store = new RulesStore(_store, Time, delayed);
        var waiting = (await CreateAsync()).Id;
        _store.IsRefusing = true;
        using var cancellation = new CancellationTokenSource();
        var refused = store.Engine.ChangeAsync(waiting, Host, new ConversationChange { Title = "title" }, cancellation.Token).AsTask();
        _store.IsRefusing = false;

        // There are fewer gates than targets, and each operation is refused once.
        for (var target = 0; target < 64; target++)
        {
            var id = (await CreateAsync(ScopeOf($"user_{target}"))).Id;
            _store.RefuseOnce();
            var written = store.UpdateConversationAsync(id, Host, new ConversationChange { Title = "title" });
            (await written.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Should().NotBeNull();
        }

        refused.IsCompleted.Should().BeFalse();
        await cancellation.CancelAsync();
        await refused.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact, TurnRule("9.1")]
    public async Task Refused_operations_on_one_target_are_tried_again_one_at_a_time()
    {
        var id = (await CreateAsync()).Id;
        var held = new HeldLoadStore(_store);
        var store = new RulesStore(held, Time, _instant);

        // All three load the same version; one writes, and the store refuses the others.
        var changes = Enumerable.Range(1, 3).Select(number => store.UpdateConversationAsync(id, Host, new ConversationChange { Title = $"title {number}" })).ToList();
        await Task.Run(() => held.Release(3), TestContext.Current.CancellationToken);
        held.Waiting.Should().Be(1);
        held.Release(2);
        var changed = await Task.WhenAll(changes).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        changed.Select(conversation => conversation!.Title).Should().Equal("title 1", "title 2", "title 3");
        held.Loads.Should().Be(5);
    }

    [Fact, TurnRule("9.1")]
    public async Task Operation_is_cancelled_when_token_is_cancelled_during_delay()
    {
        _store.IsRefusing = true;
        using var cancellation = new CancellationTokenSource();

        var begin = Store.Engine.BeginAsync(Turn(), cancellation.Token).AsTask();
        await cancellation.CancelAsync();

        await begin.Awaiting(task => task).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact, TurnRule("9.1")]
    public async Task Begin_loads_before_each_write_when_every_write_is_refused()
    {
        _store.IsRefusing = true;

        var begin = () => Instant().BeginTurnAsync(Turn());
        await begin.Should().ThrowAsync<ConversationStoreException>();

        _store.Loads.Should().Be(_store.Writes);
    }

    [Fact, TurnRule("9.1")]
    public async Task Commit_loads_one_time_less_because_first_try_needs_no_load()
    {
        var store = Instant();
        var begun = (TurnBegun)await store.BeginTurnAsync(Turn());
        _store.IsRefusing = true;
        var (loads, writes) = (_store.Loads, _store.Writes);

        var commit = () => store.CommitTurnAsync(Completion(begun.Lease, "answer"));
        await commit.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);

        (_store.Loads - loads).Should().Be(_store.Writes - writes - 1);
    }

    [Fact, TurnRule("9.1")]
    public async Task Begin_succeeds_in_one_process_and_is_locked_in_others_when_64_processes_collide()
    {
        const int Processes = 64;

        var outcomes = await RaceAsync(Processes, async _ => await new RulesStore(_store, Time, _instant).BeginTurnAsync(Turn()));

        outcomes.OfType<TurnBegun>().Should().ContainSingle();
        outcomes.OfType<TurnLocked>().Should().HaveCount(Processes - 1);
    }

    [Fact, TurnRule("9.1")]
    public async Task Change_succeeds_in_every_process_when_64_processes_collide()
    {
        const int Processes = 64;
        var id = (await CreateAsync()).Id;

        var changes = await RaceAsync(Processes, async process =>
            await new RulesStore(_store, Time, _instant).UpdateConversationAsync(id, Host, new ConversationChange { Title = $"title {process}" }));

        changes.Should().OnlyContain(changed => changed != null);
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

    /// <summary>Creates a process on whose clock delays pass at once.</summary>
    private RulesStore Instant() => new(_store, Time, _instant);

    /// <summary>Prepares an operation that writes, in another process.</summary>
    private async Task<Func<Task>> PrepareAsync(string operation)
    {
        var store = Instant();
        var lease = ((TurnBegun)await store.BeginTurnAsync(Turn())).Lease;
        var id = lease.ConversationId;
        switch (operation)
        {
            case "interrupt":
                Time.Advance(LeaseDuration);
                return () => store.InterruptAsync(lease);
            case "reopen":
                await SetStatusAsync(id, ConversationStatus.Ended);
                return () => store.UpdateConversationAsync(id, Host, new ConversationChange { Status = ConversationStatus.Active });
            case "begin by id":
                await CommitAsync(lease, "answer");
                return () => store.BeginTurnAsync(TurnIn(id));
            case "save summary":
                var command = new SaveSummaryCommand { ConversationId = id, Access = Host, Base = null, HistoryRevision = 0, Through = 1, MessageCount = 1, Text = "summary", StartedAt = Time.GetUtcNow() };
                return () => store.SaveSummaryAsync(command);
            default:
                return operation switch
                {
                    "begin" => () => store.BeginTurnAsync(Turn() with { StartNew = true }),
                    "renew" => () => store.RenewLeaseAsync(lease),
                    "create" => () => store.CreateConversationAsync(Creation()),
                    "change" => () => store.UpdateConversationAsync(id, Host, new ConversationChange { Title = "title" }),
                    _ => () => store.DeleteMessageAsync(id, 1, Host),
                };
        }
    }
}
