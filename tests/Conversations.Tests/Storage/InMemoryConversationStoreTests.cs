using Conversations.Storage;

namespace Conversations.Tests.Storage;

/// <summary>What the specification cannot ask of every store.</summary>
public sealed class InMemoryConversationStoreTests : IDisposable
{
    private static readonly ConversationScope Scope = new("default", "agent", ConversationOwner.Of(ConversationIdentity.ForUser("user_1")), "chat");
    private static readonly ConversationAccess Host = new("default", null);

    private readonly InMemoryConversationStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Every_member_completes_at_once()
    {
        var begin = _store.BeginTurnAsync(Turn("conv_1"), Token);
        var list = _store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 }, Token);

        begin.IsCompletedSuccessfully.Should().BeTrue();
        list.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public void A_cancelled_call_is_a_cancelled_task()
    {
        var call = _store.BeginTurnAsync(Turn("conv_1"), new CancellationToken(canceled: true));

        call.IsCanceled.Should().BeTrue();
    }

    [Fact]
    public async Task An_id_that_is_taken_is_refused_and_nothing_is_written()
    {
        await _store.BeginTurnAsync(Turn("conv_1"), Token);
        var begin = async () => await _store.BeginTurnAsync(Turn("conv_1") with { StartNew = true }, Token);
        var create = async () => await _store.CreateConversationAsync(new CreateConversationCommand { ConversationId = "conv_1", Scope = Scope }, Token);

        await begin.Should().ThrowAsync<ArgumentException>();
        await create.Should().ThrowAsync<ArgumentException>();

        (await _store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 }, Token)).Should().ContainSingle().Which.MessageCount.Should().Be(1);
    }

    [Fact]
    public async Task Reading_costs_the_same_whatever_the_length_of_the_history()
    {
        await CreateAsync("conv_short", messages: 20);
        await CreateAsync("conv_long", messages: 20_000);
        await AllocatedAsync("conv_short");

        var few = await AllocatedAsync("conv_short");
        var many = await AllocatedAsync("conv_long");

        // What a read allocates grows with what it copies; twenty thousand references would be 160 kB.
        many.Should().BeLessThan(few + 10_000);
    }

    [Fact]
    public async Task A_deletion_that_overtakes_other_calls_leaves_the_scope_whole()
    {
        using var clock = new GatedClock();
        using var store = new InMemoryConversationStore(clock);
        var doomed = (TurnBegun)await store.BeginTurnAsync(Turn("conv_1"), Token);
        var named = Turn("unused") with { Scope = null, ConversationId = "conv_1", IdempotencyKey = "key" };

        // The renewal waits for the clock under the scope's gate, and the others for the gate: the deletion is next.
        clock.Close();
        var renewal = StartAndWait(() => store.RenewLeaseAsync(doomed.Lease, Token).AsTask());
        var deletion = StartAndWait(() => store.DeleteConversationAsync("conv_1", Host, Token).AsTask());
        var byScope = StartAndWait(() => store.BeginTurnAsync(Turn("conv_2"), Token).AsTask());
        var byId = StartAndWait(() => store.BeginTurnAsync(named, Token).AsTask());
        var commit = StartAndWait(() => store.CommitTurnAsync(new CommitTurnCommand { Lease = doomed.Lease, Status = RunStatus.Completed }, Token).AsTask());
        var change = StartAndWait(() => store.UpdateConversationAsync("conv_1", Host, new ConversationChange { Status = ConversationStatus.Active }, Token).AsTask());
        clock.Open();

        (await renewal()).Should().BeTrue();
        (await deletion()).Should().BeTrue();
        (await byScope()).Should().BeOfType<TurnBegun>().Which.StartReason.Should().Be(ConversationStartReason.First);
        (await byId()).Should().Be(new TurnNotFound());
        (await commit()).Should().BeFalse();
        (await change()).Should().BeNull();
        var current = await store.GetCurrentAsync(Scope, Token);
        current.Should().NotBeNull();
        current!.Id.Should().Be("conv_2");
        (await store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 }, Token)).Should().ContainSingle();
        (await store.BeginTurnAsync(Turn("conv_3") with { StartNew = true, IdempotencyKey = "key" }, Token)).Should().BeOfType<TurnBegun>()
            .Which.Lease.ConversationId.Should().Be("conv_3");
    }

    /// <summary>Starts a call on a thread of its own and returns once that waits for something.</summary>
    private static Func<Task<T>> StartAndWait<T>(Func<Task<T>> call)
    {
        Task<T>? task = null;
        var thread = new Thread(() => task = call());
        thread.Start();
        SpinWait.SpinUntil(() => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(30)).Should().BeTrue();
        return () =>
        {
            thread.Join();
            return task!;
        };
    }

    private static BeginTurnCommand Turn(string newId) => new()
    {
        Access = Host,
        Agent = "agent",
        Scope = Scope,
        NewConversationId = newId,
        Input = [ConversationMessage.User("hello")],
        Caller = "user_1",
        LeaseDuration = TimeSpan.FromMinutes(1),
    };

    private async Task CreateAsync(string id, int messages) => await _store.CreateConversationAsync(
        new CreateConversationCommand
        {
            ConversationId = id,
            Scope = Scope,
            Messages = [.. Enumerable.Repeat(ConversationMessage.User("x") with { Tokens = new TokenAmount(1, "counter") }, messages)],
        },
        Token);

    private async Task<long> AllocatedAsync(string id)
    {
        var window = new WindowQuery { ConversationId = id, Access = Host, Before = long.MaxValue, Limit = 20 };
        var byTokens = window with { Limit = int.MaxValue, TokenLimit = new TokenAmount(20, "counter") };
        var page = new MessageRange { ConversationId = id, Access = Host, NewestFirst = true, Limit = 20 };
        var token = Token;
        var before = GC.GetAllocatedBytesForCurrentThread();
        await _store.ReadWindowAsync(window, token);
        await _store.ReadWindowAsync(byTokens, token);
        await _store.ReadMessagesAsync(page, token);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class GatedClock : TimeProvider, IDisposable
    {
        private readonly ManualResetEventSlim _gate = new(initialState: true);

        public void Close() => _gate.Reset();

        public void Open() => _gate.Set();

        public void Dispose() => _gate.Dispose();

        public override DateTimeOffset GetUtcNow()
        {
            _gate.Wait();
            return new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
        }
    }
}
