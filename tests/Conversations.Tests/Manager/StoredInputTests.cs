namespace Conversations.Tests.Manager;

public sealed class StoredInputTestsInMemory : StoredInputTests<InMemory>;

public sealed class StoredInputTestsOnSqlite : StoredInputTests<Sqlite>;

/// <summary>Messages of another conversation that a caller passes: their content is used, and nothing of where they were stored.</summary>
public abstract class StoredInputTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task RunTurn_stores_stored_messages_as_new_ones()
    {
        var result = await Alice.RunTurnAsync(new TurnRequest(Bot, Foreign(ConversationMessage.User("hello"))), (turn, _) =>
        {
            turn.Add(Foreign(ConversationMessage.Assistant("hi"))).IsPartial.Should().BeFalse();
            return Task.CompletedTask;
        }, Cancellation);

        (await MessagesAsync(result.ConversationId!)).Should().AllSatisfy(message => ShouldBeNew(message, result));
    }

    [Fact]
    public async Task Stream_stores_stored_messages_as_new_ones()
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            ConversationMessage[] pieces = [Foreign(ConversationMessage.Assistant("h")), Foreign(ConversationMessage.Assistant("i"))];
            await foreach (var _ in turn.StreamAsync(pieces.ToAsyncEnumerable(), piece => piece, cancellationToken: token))
            {
            }
        }, Cancellation);

        var messages = await MessagesAsync(result.ConversationId!);
        messages.Select(message => message.Text).Should().Equal("hello", "hi");
        messages.Should().AllSatisfy(message => ShouldBeNew(message, result));
    }

    [Fact]
    public async Task Import_makes_stored_messages_current_and_keeps_their_time_and_whether_they_are_partial()
    {
        var foreign = Foreign(ConversationMessage.User("hello"));

        var imported = await Manager.ImportAsync(new ConversationImport(Bot, [foreign]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);

        var message = (await MessagesAsync(imported.Id)).Should().ContainSingle().Subject;
        message.Should().Be(foreign with { ConversationId = imported.Id, Position = 1, RunNumber = null, SupersededBy = null, Tokens = message.Tokens });
        message.Tokens.Should().NotBe(foreign.Tokens);
    }

    private static StoredMessage Foreign(ConversationMessage message) => message.StoredAt("conv_other", 4711, run: 99) with
    {
        CreatedAt = DateTimeOffset.UnixEpoch,
        IsPartial = true,
        SupersededBy = 100,
        Tokens = new TokenAmount(1_000_000, "bogus"),
    };

    private void ShouldBeNew(StoredMessage message, TurnResult result)
    {
        message.Should().BeEquivalentTo(new { result.ConversationId, result.RunId, IsPartial = false, IsSuperseded = false, CreatedAt = (DateTimeOffset?)Time.GetUtcNow() });
        message.Position.Should().BeLessThan(3);
        message.Tokens.Should().NotBe(new TokenAmount(1_000_000, "bogus"));
    }

    private async Task<List<StoredMessage>> MessagesAsync(string conversationId) =>
        await Alice.GetMessagesAsync(conversationId, cancellationToken: Cancellation).ToListAsync(Cancellation);
}
