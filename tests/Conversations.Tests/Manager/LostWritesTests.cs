using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>A database that has lost its last writes, as after a failover: versions and run numbers are assigned again, and the token distinguishes the holders.</summary>
public sealed class LostWritesTests
{
    private const string Bot = "support-bot";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commit_is_refused_when_the_begin_of_the_turn_was_lost_and_another_has_begun()
    {
        await using var store = new ForgetfulStore();
        var mine = new ConversationManager(store, new ConversationOptions().AddAgent(Bot)).ForIdentity(ConversationIdentity.ForUser("alice"));
        var first = await mine.RunTurnAsync(Bot, "1", (_, _) => Task.FromResult("2"), Token);

        store.ForgetsNextWrite = true;
        await using var lost = await mine.BeginTurnAsync(new TurnRequest(Bot, "lost"), Token);
        await using var open = await mine.BeginTurnAsync(new TurnRequest(Bot, "3"), Token);
        lost.Add(ConversationMessage.Assistant("answer to lost"));
        open.Add(ConversationMessage.Assistant("4"));

        await lost.Awaiting(turn => turn.CommitAsync(Token)).Should().ThrowAsync<LeaseLostException>();
        await open.CommitAsync(Token);
        lost.RunId.Should().Be(open.RunId);
        (await mine.GetMessagesAsync(first.ConversationId!, cancellationToken: Token).ToListAsync(Token)).Select(message => message.Text).Should().Equal("1", "2", "3", "4");
    }

    private sealed class ForgetfulStore() : DelegatingConversationStore(new InMemoryConversationStore())
    {
        public bool ForgetsNextWrite { get; set; }

        public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default)
        {
            if (!ForgetsNextWrite)
                return base.TryWriteAsync(batch, cancellationToken);

            ForgetsNextWrite = false;
            return ValueTask.FromResult(true);
        }
    }
}
