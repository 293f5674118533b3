using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Commits whose outcome is unknown.</summary>
public class UnknownOutcomeRulesTests : RulesTest
{
    private UnsureStore _store = null!;

    [Fact, TurnRule("9.2")]
    public async Task Commit_succeeds_when_outcome_was_lost_after_writing()
    {
        var begun = await BeginAsync();
        _store.LoseAfterWriting();

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("9.2")]
    public async Task Commit_appends_once_when_outcome_was_lost_after_writing()
    {
        var begun = await BeginAsync();
        _store.LoseAfterWriting();

        await CommitAsync(begun.Lease, "answer");

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, TurnRule("9.2")]
    public async Task Commit_sends_batch_again_when_outcome_was_lost_before_writing()
    {
        var begun = await BeginAsync();
        _store.LoseBeforeWriting();

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Theory, TurnRule("9.2")]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Commit_throws_when_outcome_was_lost_twice(bool firstIsWritten, bool secondIsWritten)
    {
        var begun = await BeginAsync();
        LoseTwice(firstIsWritten, secondIsWritten);

        var commit = () => CommitAsync(begun.Lease, "answer");

        await commit.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.CommitOutcomeUnknown);
    }

    [Theory, TurnRule("9.2")]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Next_commit_succeeds_when_outcome_was_lost_twice(bool firstIsWritten, bool secondIsWritten)
    {
        var begun = await LoseCommitAsync(firstIsWritten, secondIsWritten);

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, TurnRule("9.2")]
    public async Task Next_commit_succeeds_when_first_write_was_applied_late()
    {
        var begun = await LoseCommitAsync(firstIsWritten: false, secondIsWritten: false);
        await LandAsync();

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, TurnRule("9.2")]
    public async Task Next_commit_succeeds_when_first_write_is_applied_between_load_and_write()
    {
        var begun = await LoseCommitAsync(firstIsWritten: false, secondIsWritten: false);
        var first = _store.Last!;
        _store.Before(() => InnerWriteAsync(first));

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, TurnRule("9.2")]
    public async Task Commit_succeeds_when_first_write_is_applied_just_before_second()
    {
        var begun = await BeginAsync();
        _store.LoseBeforeWriting();
        _store.Before(LandAsync);

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello", "answer");
    }

    [Fact, TurnRule("9.2")]
    public async Task Commit_decides_again_when_conversation_was_renamed_between_writes()
    {
        var begun = await BeginAsync();
        _store.LoseBeforeWriting();
        _store.Before(() => RenameAsync(begun.Lease.ConversationId));

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        (await GetAsync(begun.Lease.ConversationId)).Should().Match<Conversation>(conversation => conversation.Title == "renamed" && conversation.MessageCount == 2);
    }

    [Fact, TurnRule("9.2")]
    public async Task Late_write_is_refused_when_conversation_was_renamed_since()
    {
        var begun = await LoseCommitAsync(firstIsWritten: false, secondIsWritten: false);
        await RenameAsync(begun.Lease.ConversationId);

        (await _store.TryWriteAsync(_store.Last!, CancellationToken.None)).Should().BeFalse();
    }

    [Fact, TurnRule("9.2")]
    public async Task Next_commit_succeeds_when_write_was_applied_and_conversation_renamed()
    {
        var begun = await LoseCommitAsync(firstIsWritten: true, secondIsWritten: false);
        await RenameAsync(begun.Lease.ConversationId);

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("9.2")]
    public async Task Next_commit_succeeds_when_write_was_applied_and_another_turn_followed()
    {
        var begun = await LoseCommitAsync(firstIsWritten: true, secondIsWritten: false);
        await ExchangeAsync();

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("9.2", "5.5")]
    public async Task Next_commit_succeeds_when_write_was_applied_and_answer_superseded()
    {
        var begun = await LoseCommitAsync(firstIsWritten: true, secondIsWritten: false);
        await AnswerAgainAsync(begun.Lease.ConversationId, input: 1, "again");

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();
    }

    [Fact, TurnRule("9.2", "1.4")]
    public async Task Next_commit_fails_when_nothing_was_written_and_lease_was_taken_over()
    {
        var begun = await LoseCommitAsync(firstIsWritten: false, secondIsWritten: false);
        Time.Advance(LeaseDuration);
        await ExchangeAsync();

        (await CommitAsync(begun.Lease, "answer")).Should().BeFalse();
    }

    [Fact, TurnRule("9.2", "1.4", "7.2")]
    public async Task Next_commit_fails_when_conversation_was_deleted()
    {
        var begun = await LoseCommitAsync(firstIsWritten: true, secondIsWritten: false);
        await Store.DeleteConversationAsync(begun.Lease.ConversationId, Host);

        (await CommitAsync(begun.Lease, "answer")).Should().BeFalse();
    }

    [Fact, TurnRule("9.2", "1.1")]
    public async Task Next_commit_fails_when_number_was_assigned_to_another_run()
    {
        var (_, number, _, duration) = (await ExchangeAsync()).Lease;
        var id = (await CurrentIdAsync())!;
        var lease = new TurnLease(id, number, Token: -1, duration);
        var held = new HeldTurn(lease, Host, (await Store.FindAsync(id))!, Time.GetUtcNow().AddTicks(-1), Time);
        held.SentCommit(new ConversationStoreException(ConversationErrorCodes.CommitOutcomeUnknown, "unknown"));

        (await Store.Engine.CommitAsync(held, Completion(lease, "answer"), CancellationToken.None)).Should().BeFalse();
    }

    [Fact, TurnRule("9.2")]
    public async Task Commit_throws_first_exception_when_second_try_fails_otherwise()
    {
        foreach (var second in new Exception[] { new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "unavailable"), new ObjectDisposedException("store") })
        {
            var begun = await BeginAsync(Turn() with { StartNew = true });
            _store.LoseBeforeWriting();
            _store.Fail(second);

            var commit = () => CommitAsync(begun.Lease, "answer");

            await commit.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.CommitOutcomeUnknown);
        }
    }

    [Fact, TurnRule("9.2")]
    public async Task Commit_sends_nothing_again_when_store_is_unavailable()
    {
        var begun = await BeginAsync();
        _store.Fail(new ConversationStoreException(ConversationErrorCodes.StoreUnavailable, "unavailable"));

        var commit = () => CommitAsync(begun.Lease, "answer");

        await commit.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.StoreUnavailable);
        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello");
    }

    [Fact, TurnRule("9.2")]
    public async Task Begin_throws_when_outcome_was_lost()
    {
        _store.LoseAfterWriting();

        var begin = () => Store.BeginTurnAsync(Turn());

        await begin.Should().ThrowAsync<ConversationStoreException>().Where(thrown => thrown.Code == ConversationErrorCodes.CommitOutcomeUnknown);
    }

    protected override ValueTask<IConversationStore> CreateStoreAsync(TimeProvider timeProvider)
    {
        _store = new UnsureStore(new InMemoryConversationStore(timeProvider));
        return ValueTask.FromResult<IConversationStore>(_store);
    }

    private void LoseTwice(bool firstIsWritten, bool secondIsWritten)
    {
        foreach (var isWritten in new[] { firstIsWritten, secondIsWritten })
        {
            if (isWritten)
                _store.LoseAfterWriting();
            else
                _store.LoseBeforeWriting();
        }
    }

    /// <summary>Begins a turn and commits it, twice without an outcome.</summary>
    private async Task<TurnBegun> LoseCommitAsync(bool firstIsWritten, bool secondIsWritten)
    {
        var begun = await BeginAsync();
        LoseTwice(firstIsWritten, secondIsWritten);
        var commit = () => CommitAsync(begun.Lease, "answer");
        await commit.Should().ThrowAsync<ConversationStoreException>();
        return begun;
    }

    private Task<Conversation?> RenameAsync(string conversationId) => Store.UpdateConversationAsync(conversationId, Host, new ConversationChange { Title = "renamed" });

    /// <summary>Applies the last write whose outcome was lost.</summary>
    private Task LandAsync() => InnerWriteAsync(_store.Last!);

    private async Task InnerWriteAsync(ConversationBatch batch) => (await _store.TryWriteAsync(batch)).Should().BeTrue();
}
