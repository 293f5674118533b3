using System.Runtime.CompilerServices;
using Conversations.StoreSpecification;
using Conversations.Tests.Manager;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Turns;

/// <summary>Turns whose store fails: nothing is lost, duplicated or left open.</summary>
public sealed class CommitOutcomeTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _log = new();
    private readonly FaultyStore _store;
    private readonly ScopedConversations _alice;

    public CommitOutcomeTests()
    {
        _store = new FaultyStore(new InMemoryConversationStore(_time));
        _alice = new ConversationManager(_store, new ConversationOptions().AddAgent("bot"), _time, _log).ForIdentity(ConversationIdentity.ForUser("alice"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Commit_is_found_by_its_run_and_not_repeated_when_its_outcome_was_lost_after_writing()
    {
        FailCommits(1, ConversationErrorCodes.CommitOutcomeUnknown, takesPlace: true);

        var result = await AskAsync();

        (await TextsAsync(result)).Should().Equal("hello", "hi");
    }

    [Fact]
    public async Task Commit_is_written_once_when_its_outcome_was_lost_before_writing()
    {
        FailCommits(1, ConversationErrorCodes.CommitOutcomeUnknown, takesPlace: false);

        var result = await AskAsync();

        (await TextsAsync(result)).Should().Equal("hello", "hi");
    }

    [Fact]
    public async Task Commit_throws_outcome_unknown_when_its_outcome_stays_unknown()
    {
        FailCommits(int.MaxValue, ConversationErrorCodes.CommitOutcomeUnknown, takesPlace: false);

        var asking = () => AskAsync();

        (await asking.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be("COMMIT_OUTCOME_UNKNOWN");
        _log.Entries.Should().Contain(entry => entry.Level == LogLevel.Warning && entry.Text.Contains("could not be recorded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Commit_is_recorded_as_failed_when_a_full_store_has_room_again()
    {
        FailCommits(1, ConversationErrorCodes.StoreFull, takesPlace: false);

        var asking = () => AskAsync();

        (await asking.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be("STORE_FULL");
        var conversation = await _alice.GetCurrentAsync("bot", cancellationToken: Cancellation);
        var messages = await _alice.GetMessagesAsync(conversation!.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        messages.Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("hi", true));
        (await _alice.GetRunAsync(messages[0].RunId!, Cancellation))!.Status.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public async Task Begin_frees_the_conversation_when_its_window_cannot_be_read()
    {
        var first = await AskAsync();
        _store.OnReadWindow = new ConversationStoreException("STORE_CORRUPT", "damaged");
        var regenerating = () => _alice.RegenerateAsync(first.ReplyMessageId!, (_, _) => Task.CompletedTask, Cancellation);
        await regenerating.Should().ThrowAsync<ConversationStoreException>();
        _store.OnReadWindow = null;

        var result = await AskAsync();

        result.ConversationId.Should().Be(first.ConversationId);
    }

    [Fact]
    public async Task Renewal_is_logged_and_tried_again_when_it_fails()
    {
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation);
        _store.OnRenew = () => throw new TimeoutException("not an exception of ours");
        _time.Advance(TimeSpan.FromSeconds(10));
        _store.OnRenew = null;

        _time.Advance(TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(15));

        _log.Entries.Should().ContainSingle(entry => entry.Level == LogLevel.Warning);
        var second = () => AskAsync();
        await second.Should().ThrowAsync<ConversationLockedException>();
    }

    [Fact]
    public async Task Commit_stays_unknown_when_its_run_cannot_be_read_and_the_next_commit_succeeds()
    {
        FailCommits(1, ConversationErrorCodes.CommitOutcomeUnknown, takesPlace: true);
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation);
        turn.Add(ConversationMessage.Assistant("hi"));
        _store.OnGetRun = new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "away");
        var committing = () => turn.CommitAsync(Cancellation);
        (await committing.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be("COMMIT_OUTCOME_UNKNOWN");
        _store.OnGetRun = null;

        var result = await turn.CommitAsync(Cancellation);

        (await TextsAsync(result)).Should().Equal("hello", "hi");
    }

    [Fact]
    public async Task Commit_stops_the_renewals_when_it_fails_with_another_exception()
    {
        _store.OnCommit = _ => throw new TimeoutException("not an exception of ours");
        var asking = () => AskAsync();
        await asking.Should().ThrowAsync<TimeoutException>();
        _store.OnCommit = null;
        for (var i = 0; i < 3; i++)
            _time.Advance(TimeSpan.FromSeconds(10));

        var result = await AskAsync();

        (await TextsAsync(result)).Should().Equal("hello", "hello", "hi");
    }

    [Fact]
    public async Task Commit_waits_for_a_renewal_in_progress_and_ignores_its_result()
    {
        var renewal = new TaskCompletionSource();
        _store.OnRenew = () => renewal.Task;
        await using var turn = await _alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(10));

        var committing = turn.CommitAsync(Cancellation);

        committing.IsCompleted.Should().BeFalse();
        renewal.SetException(new TimeoutException("not an exception of ours"));
        (await committing).RunId.Should().Be(turn.RunId);
    }

    [Fact]
    public async Task Turn_is_not_renewed_for_ever_when_it_is_neither_committed_nor_disposed()
    {
        await DropTurnAsync();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        for (var i = 0; i < 4; i++)
            _time.Advance(TimeSpan.FromSeconds(10));

        var result = await AskAsync();

        (await TextsAsync(result)).Should().Equal("dropped", "hello", "hi");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Task DropTurnAsync() => Task.Run(() => _alice.BeginTurnAsync(new TurnRequest("bot", "dropped")), Cancellation).ContinueWith(_ => { }, TaskScheduler.Default);

    [Fact]
    public async Task Commit_is_refused_when_its_turn_was_overtaken_and_superseded()
    {
        var first = await AskAsync();
        var isFirst = true;
        _store.OnCommit = async _ =>
        {
            if (!isFirst)
                return;
            isFirst = false;
            _time.Advance(TimeSpan.FromSeconds(31));
            await AskAsync();
            await _alice.RegenerateAsync(first.ReplyMessageId!, (turn, _) =>
            {
                turn.Add(ConversationMessage.Assistant("hi, rather"));
                return Task.CompletedTask;
            }, Cancellation);
            throw new ConversationStoreException(ConversationErrorCodes.CommitOutcomeUnknown, "it failed");
        };
        _store.OnRenew = () => throw new TimeoutException("out of reach");

        var lost = () => AskAsync();

        await lost.Should().ThrowAsync<LeaseLostException>();
        (await TextsAsync(first)).Should().Equal("hello", "hi, rather");
    }

    [Fact]
    public async Task Commit_does_not_wait_for_a_renewal_that_hangs()
    {
        _store.OnRenew = () => new TaskCompletionSource().Task;
        var turn = await _alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation);
        _time.Advance(TimeSpan.FromSeconds(10));
        turn.Add(ConversationMessage.Assistant("hi"));

        var result = await turn.CommitAsync(Cancellation);

        (await TextsAsync(result)).Should().Equal("hello", "hi");
    }

    private void FailCommits(int times, string code, bool takesPlace)
    {
        var left = times;
        _store.OnCommit = async commit =>
        {
            if (left-- <= 0)
                return;
            if (takesPlace)
                await commit();
            throw new ConversationStoreException(code, "it failed");
        };
    }

    private Task<TurnResult> AskAsync() => _alice.RunTurnAsync("bot", "hello", (turn, _) =>
    {
        turn.Add(ConversationMessage.Assistant("hi"));
        return Task.CompletedTask;
    }, Cancellation);

    private async Task<List<string>> TextsAsync(TurnResult result) =>
        await _alice.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).Select(message => message.Text).ToListAsync(Cancellation);
}
