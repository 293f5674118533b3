using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A conversation is loaded as it was written.</summary>
public abstract class ConversationSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("2.7")]
    public async Task Load_returns_all_fields_as_written()
    {
        var written = await WriteAsync(Touch(Full(NewConversation())));

        ModelAssert.Equal(written, await LoadAsync(written.Conversation.Id));
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_null_for_fields_that_were_not_written()
    {
        var written = await WriteAsync(Touch(NewConversation()));

        ModelAssert.Equal(written, await LoadAsync(written.Conversation.Id));
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_all_fields_as_replaced()
    {
        var created = await CreateAsync();
        var written = await WriteAsync(Touch(Full(created)));

        ModelAssert.Equal(written, await LoadAsync(written.Conversation.Id));
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_null_for_fields_that_were_cleared()
    {
        var bare = NewConversation();
        var full = await WriteAsync(Touch(Full(bare)));

        var cleared = await WriteAsync(Touch(bare with { Version = full.Version }));

        ModelAssert.Equal(cleared, await LoadAsync(bare.Conversation.Id));
    }

    [Theory, Rule("2.7")]
    [InlineData(ConversationStatus.Active)]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Load_returns_each_status(ConversationStatus status)
    {
        var created = await CreateAsync();
        await WriteAsync(Touch(created with { Conversation = created.Conversation with { Status = status } }));

        Assert.Equal(status, (await LoadAsync(created.Conversation.Id))?.Conversation.Status);
    }

    [Theory, Rule("2.7")]
    [InlineData(null)]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.RequiresAction)]
    public async Task Load_returns_each_status_of_the_last_run(RunStatus? status)
    {
        // The run that closes has another status: a store keeps what was written.
        var opened = await WriteAsync(OpenRun(await CreateAsync()));
        var close = CloseRun(opened, Assistant());
        await WriteAsync(close with { Conversation = close.Conversation with { Conversation = close.Conversation.Conversation with { LastRunStatus = status } } });

        Assert.Equal(status, (await LoadAsync(opened.Conversation.Id))?.Conversation.LastRunStatus);
        Assert.Equal(status, Assert.Single(await Store.ListConversationsAsync(AllConversations())).LastRunStatus);
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_counters_as_written_when_messages_were_deleted()
    {
        var created = await CreateNumberedAsync(3);
        await WriteAsync(Touch(created with { HistoryRevision = 1, Conversation = created.Conversation with { MessageCount = 2 } }) with { DeletedMessages = [3] });

        var loaded = await LoadAsync(created.Conversation.Id);

        Assert.Equal((2L, 3L, 1L), (loaded!.Conversation.MessageCount, loaded.Conversation.LastPosition, loaded.HistoryRevision));
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_last_activity_as_written_when_it_is_earlier_than_before()
    {
        var created = await CreateAsync();
        var earlier = created.Conversation.LastActivityAt.AddDays(-1);
        await WriteAsync(Touch(created with { Conversation = created.Conversation with { LastActivityAt = earlier } }));

        Assert.Equal(earlier, (await LoadAsync(created.Conversation.Id))?.Conversation.LastActivityAt);
    }

    [Theory, Rule("2.7")]
    [InlineData(InterruptedOutput.Append, 1L)]
    [InlineData(InterruptedOutput.AppendSuperseded, long.MinValue)]
    [InlineData(InterruptedOutput.Discard, long.MaxValue)]
    public async Task Load_returns_open_run_as_written(InterruptedOutput onInterruption, long token)
    {
        var write = OpenRun(await CreateAsync(), "key", User());
        var open = write.Conversation.OpenRun! with { OnInterruption = onInterruption, Token = token, LeaseDuration = TimeSpan.FromTicks(7), IsStopRequested = true, SegmentRetention = TimeSpan.FromTicks(9) };
        await WriteAsync(write with { Conversation = write.Conversation with { OpenRun = open } });

        ModelAssert.Equal(open, (await LoadAsync(write.Conversation.Conversation.Id))?.OpenRun);
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_open_run_as_replaced()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));
        var renewed = opened.OpenRun! with { LeaseExpiresAt = opened.OpenRun.LeaseExpiresAt.AddMinutes(1), IsStopRequested = true };
        await WriteAsync(Touch(opened with { OpenRun = renewed }));

        ModelAssert.Equal(renewed, (await LoadAsync(opened.Conversation.Id))?.OpenRun);
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_no_open_run_when_it_was_closed()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));
        await WriteAsync(CloseRun(opened));

        Assert.Null((await LoadAsync(opened.Conversation.Id))?.OpenRun);
    }

    [Fact, Rule("2.7", "7.1")]
    public async Task Load_returns_same_conversation_by_scope_and_by_id()
    {
        var write = OpenRun(Full(NewConversation()), "key");
        var written = await WriteAsync(PointingBatch(null, write));

        ModelAssert.Equal(written, (await Store.LoadAsync(ByScope())).Conversation);
    }

    [Fact, Rule("2.7", "5.6")]
    public async Task ListConversations_returns_all_fields_as_written()
    {
        var written = await WriteAsync(Touch(Full(NewConversation())));

        ModelAssert.Equal(new[] { written.Conversation }, await Store.ListConversationsAsync(AllConversations()));
    }

    [Fact, Rule("2.7")]
    public async Task Load_returns_null_when_id_does_not_exist()
    {
        await CreateAsync();

        Assert.Null(await LoadAsync("conv_unknown"));
    }

    [Fact, Rule("3.2", "12.1")]
    public async Task Load_returns_time_of_the_clock_to_the_tick()
    {
        Time.Advance(TimeSpan.FromTicks(3));

        Assert.Equal(Time.GetUtcNow(), (await Store.LoadAsync(ById("conv_unknown"))).Now);
    }

    [Fact, Rule("3.2", "12.1")]
    public async Task Load_returns_time_of_the_clock_when_it_was_set_back()
    {
        var created = await CreateAsync(User());
        Time.SetUtcNow(Time.GetUtcNow().AddYears(-1));

        Assert.Equal(Time.GetUtcNow(), (await Store.LoadAsync(ById(created.Conversation.Id))).Now);
    }

    [Fact, Rule("12.1")]
    public async Task Load_returns_time_of_the_clock_that_the_store_was_given()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var store = await Fixture.CreateAsync(clock);
        Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(clock.GetUtcNow(), (await store.LoadAsync(ByScope())).Now);
    }

    [Fact, Rule("3.2")]
    public async Task Load_returns_no_write_that_is_later_than_its_time()
    {
        var clock = new HeldClock(Time);
        await using var store = await Fixture.CreateAsync(clock);
        var created = await WriteAsync(store, Batch(Touch(NewConversation())));
        clock.Arm();
        var load = new WaitingCall<ConversationState>(() => store.LoadAsync(ById(created.Conversation.Id)).AsTask());
        try
        {
            await clock.ReachAsync(load.Result);
            Time.Advance(TimeSpan.FromSeconds(1));
            var write = new WaitingCall<bool>(() => store.TryWriteAsync(Batch(Append(created, User()))).AsTask());
            await write.LookBrieflyAsync();
            clock.Release();
            await write.Result;
        }
        finally
        {
            clock.Release();
        }

        var state = await load.Result;
        Assert.True(
            (state.Conversation?.Conversation.LastMessageAt ?? state.Now) <= state.Now,
            "The state contains a message that was created after the time of the state: the clock was read before the state.");
    }

    private StoredConversation Full(StoredConversation conversation) => conversation with
    {
        LastRun = 1_000_000_007,
        HistoryRevision = 1_000_000_009,
        WindowStart = 2_000_000_011,
        LastFailedRun = 1_000_000_006,
        Conversation = conversation.Conversation with
        {
            Title = "title",
            Metadata = """{"b":1,"a":"text"}""",
            Status = ConversationStatus.Ended,
            LastRunStatus = RunStatus.RequiresAction,
            MessageCount = 3_000_000_019,
            LastPosition = 3_000_000_037,
            CreatedAt = Time.GetUtcNow().AddTicks(-5),
            LastActivityAt = Time.GetUtcNow().AddTicks(5),
            LastMessageAt = Time.GetUtcNow().AddTicks(3),
            EndedAt = Time.GetUtcNow().AddTicks(7),
            ForkedFrom = "msg_1_2",
        },
    };
}
