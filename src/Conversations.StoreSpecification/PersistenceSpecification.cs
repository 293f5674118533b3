using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: what was written outlives the store.</summary>
public abstract class PersistenceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : PersistentStoreFixture, new()
{
    private const string Data = "kept";

    [Fact, Rule("3.2", "2.4", "5.4")]
    public async Task Everything_is_there_when_the_store_is_opened_again()
    {
        TurnFacts before;
        await using (var store = await Fixture.OpenAsync(Data, Time))
            before = await WriteAsync(store);

        await using var again = await Fixture.OpenAsync(Data, Time);

        (await again.GetConversationAsync(before.Conversation.Id, Host)).Should().Be(before.Conversation);
        (await again.GetCurrentAsync(ScopeOf())).Should().Be(before.Conversation);
        (await again.ReadMessagesAsync(new MessageRange { ConversationId = before.Conversation.Id, Access = Host, Limit = 100 })).Should().Equal(before.Messages);
        (await again.GetRunAsync(before.Conversation.Id, before.Run.Number, Host)).Should().Be(before.Run);
    }

    [Fact, Rule("15.2")]
    public async Task A_second_store_on_the_same_data_shares_them_or_is_refused()
    {
        await using var first = await Fixture.OpenAsync(Data, Time);
        var begun = await BeginAsync(first, Turn());

        var use = async () =>
        {
            await using var second = await Fixture.OpenAsync(Data, Time);
            return await second.BeginTurnAsync(Turn());
        };

        try
        {
            (await use()).Should().Be(new TurnLocked(begun.Lease.ConversationId, begun.Lease.Fence, LeaseDuration));
        }
        catch (ConversationStoreException refusal)
        {
            refusal.Code.Should().Be(ConversationErrorCodes.StoreUnavailable);
        }

        (await first.CommitTurnAsync(Completion(begun.Lease, "answer"))).Should().BeTrue();
    }

    [Fact, Rule("4.2", "6.4", "6.3")]
    public async Task Leases_and_keys_outlive_the_store()
    {
        TurnBegun open;
        await using (var store = await Fixture.OpenAsync(Data, Time))
            open = await BeginAsync(store, Keyed());

        await using var again = await Fixture.OpenAsync(Data, Time);

        (await again.BeginTurnAsync(Turn())).Should().Be(new TurnLocked(open.Lease.ConversationId, open.Lease.Fence, LeaseDuration));
        (await again.BeginTurnAsync(Keyed())).Should().BeOfType<TurnRunning>();
        (await again.CommitTurnAsync(Completion(open.Lease, "answer"))).Should().BeTrue();
        (await again.BeginTurnAsync(Keyed())).Should().BeOfType<TurnCompletedBefore>();
    }

    [Fact, Rule("2.2", "2.3", "4.1")]
    public async Task Numbers_are_not_given_again_after_a_deletion()
    {
        TurnBegun first;
        TurnBegun deleted;
        await using (var store = await Fixture.OpenAsync(Data, Time))
        {
            first = await BeginAsync(store, Turn());
            await store.CommitTurnAsync(Completion(first.Lease, "answer"));
            await store.DeleteMessageAsync(first.Lease.ConversationId, 2, Host);
            deleted = await BeginAsync(store, Turn() with { StartNew = true });
            await store.DeleteConversationAsync(deleted.Lease.ConversationId, Host);
        }

        await using var again = await Fixture.OpenAsync(Data, Time);
        var next = await BeginAsync(again, TurnIn(first.Lease.ConversationId));

        next.InputPosition.Should().Be(3);
        next.Lease.Fence.Should().BeGreaterThan(deleted.Lease.Fence);
        (await again.GetConversationAsync(deleted.Lease.ConversationId, Host)).Should().BeNull();
    }

    [Fact, Rule("3.2", "5.3", "5.8", "10.1", "13.1", "13.2", "4.3", "4.8", "18.1", "19.2", "19.3", "19.4", "19.5", "19.7", "20.1")]
    public async Task Everything_that_every_kind_of_write_left_is_there_when_the_store_is_opened_again()
    {
        await WriteEverythingAsync();
        var before = await WholeState.OfAsync(Store);
        var lease = await LeaseAsync(Store);
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        (await WholeState.OfAsync(again)).Should().Equal(before);
        (await LeaseAsync(again)).Should().Be(lease);
    }

    [Fact, Rule("6.5", "6.6")]
    public async Task Keys_that_moved_to_another_run_are_known_when_the_store_is_opened_again()
    {
        var first = await AbandonAsync(Keyed("again"), RunStatus.Failed);
        var second = await AbandonAsync(Keyed("again"), RunStatus.Failed);
        var ended = await AbandonAsync(Keyed("anew", ScopeOf("user_2")), RunStatus.Failed);
        await SetStatusAsync(ended.Lease.ConversationId, ConversationStatus.Ended);
        var anew = await ExchangeAsync(Keyed("anew", ScopeOf("user_2")));
        var run = await RunOfAsync(anew.Lease);
        await Store.DisposeAsync();

        await using var again = await Fixture.OpenAsync(Fixture.LastName, Time);

        (await again.BeginTurnAsync(Keyed("anew", ScopeOf("user_2")))).Should().Be(new TurnCompletedBefore(run));
        var third = await BeginAsync(again, Keyed("again"));
        third.IsOnSavedInput.Should().BeTrue();
        third.InputPosition.Should().Be(first.InputPosition);
        (await again.GetRunAsync(second.Lease.ConversationId, second.Lease.Fence, Host))!.IdempotencyKey.Should().BeNull();
        (await again.GetRunAsync(third.Lease.ConversationId, third.Lease.Fence, Host))!.IdempotencyKey.Should().Be("again");
    }

    [Fact, Rule("3.1", "3.2", "18.1", "20.1")]
    public async Task Everything_that_every_kind_of_write_left_is_there_when_the_process_dies()
    {
        await WriteEverythingAsync();
        await Fixture.CopyAsync(Fixture.LastName, "copy");

        await using var after = await Fixture.OpenAsync("copy", Time);

        (await WholeState.OfAsync(after)).Should().Equal(await WholeState.OfAsync(Store));
        (await LeaseAsync(after)).Should().Be(await LeaseAsync(Store));
    }

    private async Task WriteEverythingAsync()
    {
        var imported = await CreateAsync(ScopeOf(), User("old"), Assistant("older") with { IsPartial = true }, Error("oldest"));
        await Store.DeleteMessageAsync(imported.Id, 2, Host);
        if (Store.GetFeature<IConversationSummaryStore>() is { } summaries)
            (await summaries.SaveSummaryAsync(SummaryCommands.Save(imported.Id, Host, 0, 1) with { Tokens = new TokenAmount(2, "counter") })).Should().BeTrue();
        await ExchangeAsync(Keyed() with { Input = [User("counted") with { Tokens = new TokenAmount(3, "counter") }] });
        var recounting = await BeginAsync();
        await Store.CommitTurnAsync(Completion(recounting.Lease, "recounted") with { Recounts = [new(1, new TokenAmount(4, "another"))] });
        await Store.UpdateConversationAsync(imported.Id, Host, new ConversationChange { Title = "renamed" });
        var ended = await CreateAsync(ScopeOf("user_2"), User("a"));
        await SetStatusAsync(ended.Id, ConversationStatus.Ended);
        var reopened = await CreateAsync(ScopeOf("user_3"), User("b"));
        await SetStatusAsync(reopened.Id, ConversationStatus.Archived);
        Time.Advance(TimeSpan.FromSeconds(1));
        await SetStatusAsync(reopened.Id, ConversationStatus.Active);
        await Store.CreateConversationAsync(Creation(ScopeOf("user_3")) with { Current = CurrentConversationRule.End });
        await Store.DeleteConversationAsync((await CreateAsync(ScopeOf("user_4"))).Id, Host);
        await WriteSupersededAsync();
        await WriteStreamsAsync();
        await BeginAsync(Turn(ScopeOf("user_5")));
        Time.Advance(LeaseDuration);
        var open = await BeginAsync(Turn(ScopeOf("user_5")));
        Time.Advance(LeaseDuration / 2);
        (await Store.RenewLeaseAsync(open.Lease)).Should().BeTrue();
    }

    private async Task WriteSupersededAsync()
    {
        var scope = ScopeOf("user_6");
        var forked = await Store.CreateConversationAsync(Creation(scope, User("1"), Assistant("2")) with { ForkedFrom = "msg_of_another" });
        await ExchangeAsync(Turn(scope));
        var again = await AnswerAgainAsync(forked.Id, input: 3, "again");
        await SupersedeAsync(forked.Id, input: 3, from: 4, restore: again.Fence);
        await AnswerAgainAsync(forked.Id, input: 1, "from the beginning");
        var half = await BeginAsync(Again(forked.Id, 1, scope: scope));
        await Store.CommitTurnAsync(Completion(half.Lease, "half") with { AreSuperseded = true, Status = RunStatus.Failed, FinishReason = "length" });
    }

    private async Task WriteStreamsAsync()
    {
        if (Store.GetFeature<IConversationStreamStore>() is not { } streams)
            return;

        foreach (var onInterruption in Enum.GetValues<InterruptedOutput>())
        {
            var lease = (await BeginAsync(Turn(ScopeOf("user_7")))).Lease;
            var command = StreamCommands.Append(lease, StreamCommands.Cut(Time.GetUtcNow(), "a|b", "c")) with { OnInterruption = onInterruption };
            (await streams.AppendSegmentsAsync(command)).Should().BeTrue();
            Time.Advance(LeaseDuration);
        }
    }

    private async Task<BeginTurnOutcome> LeaseAsync(IConversationStore store) => await store.BeginTurnAsync(Turn(ScopeOf("user_5")));

    private async Task<TurnFacts> WriteAsync(IConversationStore store)
    {
        var begun = await BeginAsync(store, Keyed() with { Title = "title \0 \uFFFF" });
        Time.Advance(TimeSpan.FromSeconds(1));
        await store.CommitTurnAsync(Completion(begun.Lease, "answer", "another") with
        {
            Model = "model",
            FinishReason = LongFinishReason,
            Usage = new TokenUsage { InputTokens = 3, OutputTokens = 2, CachedInputTokens = 1 },
        });
        var id = begun.Lease.ConversationId;
        return new TurnFacts(
            (await store.GetConversationAsync(id, Host))!,
            await store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = Host, Limit = 100 }),
            (await store.GetRunAsync(id, begun.Lease.Fence, Host))!);
    }

    private sealed record TurnFacts(Conversation Conversation, IReadOnlyList<ConversationMessage> Messages, ConversationRun Run);
}
