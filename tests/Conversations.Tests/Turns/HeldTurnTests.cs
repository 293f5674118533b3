using System.Threading.Channels;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Tests.Turns;

/// <summary>The version that a turn knows is never ahead of the version that is stored: a write that is outdated must be refused.</summary>
public sealed class HeldTurnTests
{
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void AppendedSegments_adds_to_the_known_version()
    {
        var held = Held(version: 1);

        held.AppendedSegments(held.Snapshot);

        held.Known!.Value.Conversation.Version.Should().Be(2);
    }

    [Fact]
    public void AppendedSegments_keeps_a_version_that_became_known_meanwhile()
    {
        var held = Held(version: 1);
        var before = held.Snapshot;
        held.Wrote(held.Known!.Value.Conversation with { Version = 3 }, _time.GetUtcNow(), _time.GetTimestamp());

        held.AppendedSegments(before);

        held.Known!.Value.Conversation.Version.Should().Be(3, "it includes the segments");
    }

    [Fact]
    public async Task Commit_keeps_a_rename_when_a_renewal_was_written_before_the_reply_to_segments_arrived()
    {
        await using var store = new LateReplies(new InMemoryConversationStore(_time));
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot"), _time).ForIdentity(ConversationIdentity.ForUser("alice"));
        await using var turn = await alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation);
        var source = Channel.CreateUnbounded<string>();
        await using var pieces = turn.StreamAsync(source.Reader.ReadAllAsync(Cancellation), Cancellation).GetAsyncEnumerator(Cancellation);
        source.Writer.TryWrite("one ");
        await pieces.MoveNextAsync();
        source.Writer.TryWrite("two");
        await pieces.MoveNextAsync();

        _time.Advance(TimeSpan.FromMilliseconds(100));
        await store.Appended;
        _time.Advance(TimeSpan.FromSeconds(10));
        store.Reply();
        await alice.RenameAsync(turn.ConversationId!, "renamed", Cancellation);
        source.Writer.Complete();
        await pieces.MoveNextAsync();
        await turn.CommitAsync(Cancellation);

        (await alice.GetAsync(turn.ConversationId!, Cancellation))!.Title.Should().Be("renamed");
    }

    [Fact]
    public async Task Begin_counts_its_lease_from_before_the_wait()
    {
        await using var store = new LateReplies(new InMemoryConversationStore(_time)) { BeforeBegin = () => _time.Advance(TimeSpan.FromSeconds(25)) };
        var alice = new ConversationManager(store, new ConversationOptions().AddAgent("bot"), _time).ForIdentity(ConversationIdentity.ForUser("alice"));
        await using var turn = await alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        var renewed = (await store.FindAsync(turn.ConversationId!, new ConversationAccess(ConversationScope.DefaultProject, null), Cancellation))!.OpenRun!;

        renewed.LeaseExpiresAt.Should().Be(_time.GetUtcNow() + TimeSpan.FromSeconds(30), "it was renewed at once");
    }

    private HeldTurn Held(long version)
    {
        var conversation = new Conversation { Id = "conv_1", SessionId = "chat:alice:bot", Project = "default", Agent = "bot", CreatedAt = _time.GetUtcNow(), LastActivityAt = _time.GetUtcNow() };
        return new HeldTurn(
            new TurnLease("conv_1", 1, Token: 1, TimeSpan.FromSeconds(30)), new ConversationAccess("default", null), new StoredConversation { Conversation = conversation, Version = version }, _time.GetUtcNow(), _time);
    }

    /// <summary>A store whose reply to the first segments is held back, and whose begins can be made to wait.</summary>
    private sealed class LateReplies(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        private readonly TaskCompletionSource _appended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _reply = new();

        public Task Appended => _appended.Task;

        public Action? BeforeBegin { get; set; }

        public void Reply() => _reply.SetResult();

        public override async ValueTask<bool> AppendSegmentsAsync(SegmentBatch batch, CancellationToken cancellationToken = default)
        {
            var isAppended = await base.AppendSegmentsAsync(batch, cancellationToken);
            _appended.TrySetResult();
            await _reply.Task;
            return isAppended;
        }

        public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            BeforeBegin?.Invoke();
            BeforeBegin = null;
            return base.TryWriteAsync(batch, cancellationToken);
        }
    }
}
