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

        // What a read allocates grows with what it copies; nothing here leaves the thread.
        many.Should().Be(few);
    }

    [Fact]
    public async Task A_deletion_and_begins_that_overtake_each_other_leave_the_scope_whole()
    {
        const int Rounds = 3000;
        var broken = 0;
        var begun = new BeginTurnOutcome?[2];
        using var barrier = new Barrier(3);
        var others = Task.WhenAll(
            EachRoundAsync(async round => begun[0] = await _store.BeginTurnAsync(Turn($"conv_{round}_new"), Token)),
            EachRoundAsync(async round => begun[1] = await _store.BeginTurnAsync(Turn("unused") with { Scope = null, ConversationId = $"conv_{round}", IdempotencyKey = "key" }, Token)));
        for (var round = 0; round < Rounds; round++)
        {
            await CreateAsync($"conv_{round}", messages: 0);
            barrier.SignalAndWait(Token);
            await _store.DeleteConversationAsync($"conv_{round}", Host, Token);
            barrier.SignalAndWait(Token);

            var current = await _store.GetCurrentAsync(Scope, Token);
            if (begun[0] is TurnBegun { StartReason: not null } started && !string.Equals(started.Lease.ConversationId, current?.Id, StringComparison.Ordinal))
                broken++;
            var again = await _store.BeginTurnAsync(Turn($"conv_{round}_keyed") with { StartNew = true, IdempotencyKey = "key" }, Token);
            if (again is not TurnBegun keyed || !await _store.RenewLeaseAsync(keyed.Lease, Token))
                broken++;
            foreach (var left in await _store.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 }, Token))
                await _store.DeleteConversationAsync(left.Id, Host, Token);
        }

        await others;
        broken.Should().Be(0);

        // On threads of their own, since they block at the barrier.
        Task EachRoundAsync(Func<int, Task> act) => Task.Factory.StartNew(
            async () =>
            {
                for (var round = 0; round < Rounds; round++)
                {
                    barrier.SignalAndWait(Token);
                    await act(round);
                    barrier.SignalAndWait(Token);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap();
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
            Messages = [.. Enumerable.Repeat(ConversationMessage.User("x"), messages)],
        },
        Token);

    private async Task<long> AllocatedAsync(string id)
    {
        var window = new WindowQuery { ConversationId = id, Access = Host, Before = long.MaxValue, Limit = 20 };
        var page = new MessageRange { ConversationId = id, Access = Host, NewestFirst = true, Limit = 20 };
        var token = Token;
        var before = GC.GetAllocatedBytesForCurrentThread();
        await _store.ReadWindowAsync(window, token);
        await _store.ReadMessagesAsync(page, token);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
