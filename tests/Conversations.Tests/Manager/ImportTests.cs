namespace Conversations.Tests.Manager;

public sealed class ImportTestsInMemory : ImportTests<InMemory>;

public sealed class ImportTestsOnSqlite : ImportTests<Sqlite>;

public abstract class ImportTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly ConversationIdentity Identity = ConversationIdentity.ForUser("alice");
    private static readonly DateTimeOffset Then = new(2020, 2, 29, 23, 59, 59, TimeSpan.FromHours(2));

    [Fact]
    public async Task Import_keeps_roles_kinds_parts_and_times_and_is_continued()
    {
        ConversationMessage[] past =
        [
            ConversationMessage.System("Be brief.") with { CreatedAt = Then },
            ConversationMessage.User("What's the weather?") with { CreatedAt = Then.AddTicks(1) },
            new ConversationMessage(MessageRole.Assistant, new TextPart("Let me see."), new ToolCallPart("1", "weather", "{not json")) with { CreatedAt = Then },
            new ConversationMessage(MessageRole.Tool, new ToolResultPart("1", "") { Name = "weather", IsError = true }) with { CreatedAt = Then },
            ConversationMessage.Error("It broke.", "BROKEN") with { CreatedAt = Then },
            new ConversationMessage(MessageRole.User, new RawPart("""{ "type":"image",  "url":"x" }""")) with { CreatedAt = Then },
        ];

        var imported = await Manager.ImportAsync(new ConversationImport(Bot, past) { Identity = Identity }, Cancellation);

        imported.Should().BeEquivalentTo(new { MessageCount = 6L, CreatedAt = Then.ToUniversalTime(), Title = "What's the weather?", LastMessageAt = Then.ToUniversalTime() });
        var messages = (await Alice.GetMessagePageAsync(imported.Id, cancellationToken: Cancellation)).Items;
        messages.Select(message => message.Content() with { CreatedAt = message.CreatedAt }).Should().Equal(past);
        messages.Should().OnlyContain(message => message.RunId == null);
        (await AskAsync("And now?")).ConversationId.Should().Be(imported.Id);
    }

    [Fact]
    public async Task Import_leaves_an_active_conversation_current()
    {
        var current = await AskAsync();

        await Manager.ImportAsync(new ConversationImport(Bot, [ConversationMessage.User("old")]) { Identity = Identity }, Cancellation);

        (await AskAsync()).ConversationId.Should().Be(current.ConversationId);
    }

    [Fact]
    public async Task Import_without_identity_or_thread_is_refused()
    {
        var importing = () => Manager.ImportAsync(new ConversationImport(Bot, []), Cancellation);

        await importing.Should().ThrowAsync<IdentityRequiredException>();
    }

    [Fact]
    public void Import_with_a_blank_title_is_refused()
    {
        var importing = () => new ConversationImport(Bot, []) { Title = " " };

        importing.Should().Throw<ArgumentException>().WithParameterName("Title");
    }

    [Fact]
    public async Task Import_into_a_thread_needs_no_identity_and_sets_missing_times()
    {
        var imported = await Manager.ImportAsync(new ConversationImport(Bot, [ConversationMessage.Assistant("hello")]) { Thread = "order-7" }, Cancellation);

        imported.Should().BeEquivalentTo(new { Thread = "order-7", Title = (string?)null, CreatedAt = Time.GetUtcNow() });
        (await Manager.GetCurrentAsync(Bot, "order-7", cancellationToken: Cancellation))!.Id.Should().Be(imported.Id);
    }
}
