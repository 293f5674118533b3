using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>A walk through the main rules, on a file. The specification kit has them all.</summary>
public sealed class SqliteConversationStoreTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();
    private readonly SqliteConversationStore _store;

    public SqliteConversationStoreTests() => _store = new SqliteConversationStore(_folder.ConnectionString(), _clock);

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Commit_of_two_turns_gives_positions_and_counters()
    {
        var scope = Commands.Scope();
        var id = await _store.TurnAsync(scope, "one", "two");
        await _store.TurnAsync(scope, "three", "four");

        var messages = await _store.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = scope.Access(), Limit = 10 }, Token);
        var conversation = await _store.GetCurrentAsync(scope, Token);

        messages.Select(message => (message.Position, message.Text)).Should().Equal((1, "one"), (2, "two"), (3, "three"), (4, "four"));
        conversation.Should().BeEquivalentTo(new Conversation
        {
            Id = id,
            SessionId = scope.SessionId,
            Project = "default",
            Agent = "support-bot",
            Channel = "chat",
            UserId = "user_1",
            Title = "one",
            MessageCount = 4,
            LastPosition = 4,
            CreatedAt = ManualClock.Start,
            LastActivityAt = ManualClock.Start,
            LastMessageAt = ManualClock.Start,
        });
    }

    [Fact]
    public async Task Begin_while_lease_is_held_is_locked_and_after_it_expired_takes_over()
    {
        var first = await _store.BeginAsync();

        var locked = await _store.BeginTurnAsync(Commands.Begin(), Token);
        _clock.Move(Commands.Lease);
        var second = await _store.BeginAsync();
        var late = await _store.CommitTurnAsync(Commands.Commit(first.Lease, "late"), Token);
        var run = await _store.GetRunAsync(first.Lease.ConversationId, first.Lease.Fence, Commands.Scope().Access(), Token);

        locked.Should().Be(new TurnLocked(first.Lease.ConversationId, first.Lease.Fence, Commands.Lease));
        second.Lease.Fence.Should().BeGreaterThan(first.Lease.Fence);
        second.InputPosition.Should().Be(2);
        late.Should().BeFalse();
        run!.Status.Should().Be(RunStatus.Interrupted);
        run.EndedAt.Should().Be(ManualClock.Start + Commands.Lease);
    }

    [Fact]
    public async Task Begin_after_clock_was_set_back_by_more_than_a_lease_takes_over()
    {
        await _store.BeginAsync();
        _clock.Move(-2 * Commands.Lease);

        var outcome = await _store.BeginTurnAsync(Commands.Begin(), Token);

        outcome.Should().BeOfType<TurnBegun>();
    }

    [Fact]
    public async Task Begin_with_a_known_key_answers_by_the_state_of_its_run()
    {
        var running = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(key: "k"), Token);

        var meanwhile = await _store.BeginTurnAsync(Commands.Begin(key: "k"), Token);
        var other = await _store.BeginTurnAsync(Commands.Begin(key: "k", fingerprint: "g"), Token);
        await _store.CommitTurnAsync(Commands.Commit(running.Lease, "done"), Token);
        var after = await _store.BeginTurnAsync(Commands.Begin(key: "k"), Token);

        meanwhile.Should().BeOfType<TurnRunning>().Which.Run.Number.Should().Be(running.Lease.Fence);
        other.Should().BeOfType<TurnMismatch>();
        after.Should().BeOfType<TurnCompletedBefore>().Which.Run.OutputPosition.Should().Be(2);
    }

    [Fact]
    public async Task Begin_with_the_key_of_a_failed_run_runs_again_on_the_saved_input()
    {
        var scope = Commands.Scope();
        var failed = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, key: "k"), Token);
        await _store.CommitTurnAsync(Commands.Commit(failed.Lease) with { Status = RunStatus.Failed, Error = "TimeoutException" }, Token);

        var again = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, key: "k") with { ExpectedLastPosition = 0 }, Token);
        var old = await _store.GetRunAsync(failed.Lease.ConversationId, failed.Lease.Fence, scope.Access(), Token);
        var conversation = await _store.GetCurrentAsync(scope, Token);

        again.InputPosition.Should().Be(1);
        again.LastPosition.Should().Be(1);
        again.Lease.Fence.Should().BeGreaterThan(failed.Lease.Fence);
        old!.IdempotencyKey.Should().BeNull();
        old.Status.Should().Be(RunStatus.Failed);
        conversation!.MessageCount.Should().Be(1);
    }

    [Fact]
    public async Task Begin_with_the_key_of_an_abandoned_run_of_an_ended_conversation_starts_anew_and_gives_it_up()
    {
        var scope = Commands.Scope();
        var abandoned = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, key: "k"), Token);
        await _store.UpdateConversationAsync(abandoned.Lease.ConversationId, scope.Access(), new ConversationChange { Status = ConversationStatus.Ended }, Token);
        _clock.Move(Commands.Lease);

        var anew = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, key: "k"), Token);
        var late = await _store.CommitTurnAsync(Commands.Commit(abandoned.Lease, "late"), Token);
        var old = await _store.GetRunAsync(abandoned.Lease.ConversationId, abandoned.Lease.Fence, scope.Access(), Token);

        anew.StartReason.Should().Be(ConversationStartReason.Ended);
        late.Should().BeFalse();
        old!.Status.Should().Be(RunStatus.Interrupted);
    }

    [Fact]
    public async Task Begin_by_id_out_of_reach_is_not_found()
    {
        var id = await _store.TurnAsync();
        var stranger = Commands.Begin(Commands.Scope("user_2")) with { Scope = null, ConversationId = id };

        var outcome = await _store.BeginTurnAsync(stranger, Token);
        var read = await _store.GetConversationAsync(id, stranger.Access, Token);
        var third = await _store.GetConversationAsync(id, new ConversationAccess("default", ["a", "b", "user_1"]), Token);
        var none = await _store.GetConversationAsync(id, new ConversationAccess("default", []), Token);
        var host = await _store.GetConversationAsync(id, new ConversationAccess("default", null), Token);

        outcome.Should().BeOfType<TurnNotFound>();
        read.Should().BeNull();
        third.Should().NotBeNull();
        none.Should().BeNull();
        host.Should().NotBeNull();
    }

    [Fact]
    public async Task Begin_refused_leaves_no_conversation_behind()
    {
        var scope = Commands.Scope();

        var outcome = await _store.BeginTurnAsync(Commands.Begin(scope) with { ExpectedLastPosition = 7 }, Token);

        outcome.Should().BeOfType<TurnConversationMoved>();
        (await _store.GetCurrentAsync(scope, Token)).Should().BeNull();
    }

    [Fact]
    public async Task Begin_in_a_scope_whose_conversation_ended_starts_another()
    {
        var scope = Commands.Scope();
        var id = await _store.TurnAsync(scope);
        await _store.UpdateConversationAsync(id, scope.Access(), new ConversationChange { Status = ConversationStatus.Ended }, Token);

        var byId = await _store.BeginTurnAsync(Commands.Begin(scope) with { Scope = null, ConversationId = id }, Token);
        var byScope = await _store.BeginAsync(scope);
        var reopened = await _store.UpdateConversationAsync(id, scope.Access(), new ConversationChange { Status = ConversationStatus.Active }, Token);
        var current = await _store.GetCurrentAsync(scope, Token);

        byId.Should().Be(new TurnConversationEnded(id));
        byScope.StartReason.Should().Be(ConversationStartReason.Ended);
        reopened!.EndedAt.Should().BeNull();
        current!.Id.Should().Be(byScope.Lease.ConversationId);
    }

    [Fact]
    public async Task Read_gives_any_text_back_as_it_went_in()
    {
        const string Odd = "a\0b \U0001F600 \uFFFF 'x' %_ שלום \"q\"";
        var scope = Commands.Scope("o'neil %_ \U0001F600\uFFFF");
        var raw = new RawPart("""{ "type" : "image",  "url":"x\u0000" }""");
        var empty = new ConversationMessage(MessageRole.User, new TextPart("")).At(ManualClock.Start.AddTicks(1));
        var mixed = new ConversationMessage(MessageRole.User, new TextPart(Odd), raw).At(ManualClock.Start) with { IsPartial = true };
        var turn = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, Odd) with { Input = [ConversationMessage.User(Odd).At(ManualClock.Start), empty, mixed] }, Token);

        var window = await _store.ReadWindowAsync(
            new WindowQuery { ConversationId = turn.Lease.ConversationId, Access = scope.Access(), Before = long.MaxValue, Limit = 5 }, Token);
        var conversation = await _store.GetConversationAsync(turn.Lease.ConversationId, scope.Access(), Token);

        window.Select(message => message.Parts).Should().BeEquivalentTo(
            new ContentPart[][] { [new TextPart(Odd)], [new TextPart("")], [new TextPart(Odd), raw] },
            options => options.WithStrictOrdering().RespectingRuntimeTypes());
        window[1].CreatedAt.Should().Be(empty.CreatedAt);
        window[2].IsPartial.Should().BeTrue();
        conversation!.Title.Should().Be(Odd);
        conversation.SessionId.Should().Be(scope.SessionId);
    }

    [Fact]
    public async Task Delete_of_a_conversation_takes_its_messages_runs_and_keys_and_nothing_else()
    {
        var scope = Commands.Scope();
        var neighbour = await _store.TurnAsync(Commands.Scope("neighbour"));
        var first = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, key: "k"), Token);
        await _store.CommitTurnAsync(Commands.Commit(first.Lease, "x"), Token);
        var open = await _store.BeginAsync(scope);
        var id = open.Lease.ConversationId;

        var deleted = await _store.DeleteConversationAsync(id, scope.Access(), Token);
        var again = await _store.DeleteConversationAsync(id, scope.Access(), Token);
        var commit = await _store.CommitTurnAsync(Commands.Commit(open.Lease, "x"), Token);
        var next = (TurnBegun)await _store.BeginTurnAsync(Commands.Begin(scope, key: "k"), Token);

        deleted.Should().BeTrue();
        again.Should().BeFalse();
        commit.Should().BeFalse();
        next.StartReason.Should().Be(ConversationStartReason.First);
        next.Lease.Fence.Should().BeGreaterThan(open.Lease.Fence);
        using var inspector = new Inspector(_folder);
        inspector.Strings("SELECT number FROM runs ORDER BY number").Should().HaveCount(2).And.Contain($"{next.Lease.Fence}");
        inspector.Strings("SELECT content FROM messages ORDER BY key").Should().Equal("Hello", "Hi", "Hello");
        (await _store.GetConversationAsync(neighbour, new ConversationAccess("default", null), Token))!.MessageCount.Should().Be(2);
    }

    [Fact]
    public async Task List_over_several_audiences_pages_in_one_order()
    {
        var expected = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            expected.Insert(0, await _store.TurnAsync(Commands.Scope($"user_{i % 3}", $"agent_{i}")));
            _clock.Move(TimeSpan.FromSeconds(i % 2));
        }

        var listing = new ConversationListing { Access = new ConversationAccess("default", ["user_0", "user_1", "user_2", "user_0"]), Limit = 2 };
        var seen = new List<string>();
        while (await _store.ListConversationsAsync(listing, Token) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(conversation => conversation.Id));
            listing = listing with { After = new ListPosition(page[^1].LastActivityAt, page[^1].Id) };
        }

        var host = await _store.ListConversationsAsync(new ConversationListing { Access = new ConversationAccess("default", null), Limit = 100 }, Token);

        seen.Should().Equal(expected);
        host.Select(conversation => conversation.Id).Should().Equal(expected);
    }

    [Fact]
    public async Task Begin_at_once_from_many_callers_creates_one_conversation()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ =>
            Task.Run(async () => await _store.BeginTurnAsync(Commands.Begin(), Token), Token)));

        outcomes.OfType<TurnBegun>().Should().ContainSingle();
        outcomes.OfType<TurnLocked>().Should().HaveCount(31);
    }

    [Fact]
    public async Task Write_cancelled_before_it_begins_writes_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);

        var begin = () => _store.BeginTurnAsync(Commands.Begin(), cancelled).AsTask();

        await begin.Should().ThrowAsync<OperationCanceledException>();
        (await _store.GetCurrentAsync(Commands.Scope(), Token)).Should().BeNull();
    }
}
