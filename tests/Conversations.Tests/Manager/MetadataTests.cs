namespace Conversations.Tests.Manager;

public sealed class MetadataTestsInMemory : MetadataTests<InMemory>;

public sealed class MetadataTestsOnSqlite : MetadataTests<Sqlite>;

/// <summary>The metadata that hosts give to conversations.</summary>
public abstract class MetadataTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string Gold = """{"tier":"gold"}""";

    // In no text that may be logged.
    private const string Canary = "canary";

    [Fact]
    public async Task Turn_gives_metadata_to_the_conversation_that_it_begins()
    {
        var result = await AskAsync(new TurnRequest(Bot, "hello") { ConversationMetadata = $"  {Gold}\n" });

        (await FindAsync(result.ConversationId)).Metadata.Should().Be(Gold);
        (await Alice.ListAsync(cancellationToken: Cancellation).SingleAsync(Cancellation)).Metadata.Should().Be(Gold);
    }

    [Fact]
    public async Task Turn_leaves_the_metadata_of_a_conversation_that_exists()
    {
        var first = await AskAsync(new TurnRequest(Bot, "hello") { ConversationMetadata = Gold });

        await AskAsync(new TurnRequest(Bot, "again") { ConversationMetadata = """{"tier":"silver"}""" });
        await AskAsync("and again");

        (await FindAsync(first.ConversationId)).Metadata.Should().Be(Gold);
    }

    [Fact]
    public async Task Repeated_request_with_other_metadata_gets_the_first_answer()
    {
        var request = new TurnRequest(Bot, "hello") { IdempotencyKey = "key", ConversationMetadata = Gold };
        var first = await AskAsync(request);

        var second = await AskAsync(request with { ConversationMetadata = "{}" }, "another");

        second.RunId.Should().Be(first.RunId);
        (await FindAsync(first.ConversationId)).Metadata.Should().Be(Gold);
    }

    [Fact]
    public async Task Create_and_Import_keep_metadata()
    {
        var created = await Alice.CreateAsync(Bot, metadata: Gold, cancellationToken: Cancellation);
        var imported = await Manager.ImportAsync(
            new ConversationImport(Bot, [ConversationMessage.User("hello")]) { Identity = ConversationIdentity.ForUser("alice"), Metadata = Gold }, Cancellation);

        created.Metadata.Should().Be(Gold);
        imported.Metadata.Should().Be(Gold);
        (await FindAsync(created.Id)).Metadata.Should().Be(Gold);
        (await FindAsync(imported.Id)).Metadata.Should().Be(Gold);
    }

    [Fact]
    public async Task Fork_has_the_metadata_of_its_source()
    {
        var asked = await AskAsync(new TurnRequest(Bot, "hello") { ConversationMetadata = Gold });

        var fork = await Alice.ForkAsync(asked.ReplyMessageId!, cancellationToken: Cancellation);

        fork.Metadata.Should().Be(Gold);
    }

    [Fact]
    public async Task Reset_creates_a_conversation_without_metadata()
    {
        await AskAsync(new TurnRequest(Bot, "hello") { ConversationMetadata = Gold });

        (await Alice.ResetAsync(Bot, cancellationToken: Cancellation)).Metadata.Should().BeNull();
    }

    [Fact]
    public async Task SetMetadata_changes_nothing_else()
    {
        var older = await AskAsync("older");
        Time.Advance(TimeSpan.FromMinutes(1));
        await AskAsync(new TurnRequest(Bot, "newer") { StartNew = true });
        var before = await FindAsync(older.ConversationId);
        Time.Advance(TimeSpan.FromMinutes(1));

        var changed = await Alice.SetMetadataAsync(older.ConversationId!, Gold, Cancellation);

        changed.Should().Be(before with { Metadata = Gold });
        (await FindAsync(older.ConversationId)).Should().Be(changed);
        (await Alice.ListAsync(cancellationToken: Cancellation).LastAsync(Cancellation)).Should().Be(changed);
    }

    [Fact]
    public async Task SetMetadata_replaces_and_removes_all_of_it()
    {
        var created = await Alice.CreateAsync(Bot, metadata: """{"tier":"gold","ticket":7}""", cancellationToken: Cancellation);

        var replaced = await Manager.SetMetadataAsync(created.Id, """{"ticket":8}""", Cancellation);
        var removed = await Manager.SetMetadataAsync(created.Id, null, Cancellation);

        replaced.Metadata.Should().Be("""{"ticket":8}""");
        removed.Should().Be(created with { Metadata = null });
        (await FindAsync(created.Id)).Should().Be(removed);
    }

    [Fact]
    public async Task SetMetadata_does_not_disturb_an_open_turn()
    {
        await using var turn = await Alice.BeginTurnAsync(Bot, "hello", Cancellation);

        await Manager.SetMetadataAsync(turn.ConversationId!, Gold, Cancellation);
        turn.Add(ConversationMessage.Assistant("hi"));
        await turn.CommitAsync(Cancellation);

        (await FindAsync(turn.ConversationId)).Should().BeEquivalentTo(new { Metadata = Gold, LastRunStatus = RunStatus.Completed });
    }

    [Fact]
    public async Task SetMetadata_of_an_ended_conversation_leaves_it_ended()
    {
        var created = await Alice.CreateAsync(Bot, cancellationToken: Cancellation);
        var ended = await Alice.EndAsync(created.Id, Cancellation);

        (await Alice.SetMetadataAsync(created.Id, Gold, Cancellation)).Should().Be(ended with { Metadata = Gold });
    }

    [Theory]
    [InlineData("""{"tier":"gold"}""", "1 2")]
    [InlineData("""{"tier":"Gold"}""", "")]
    [InlineData("""{"tier":"gold","ticket":7}""", "1")]
    [InlineData("""{"ticket":7.0}""", "1 3")]
    [InlineData("""{"ticket":"7"}""", "")]
    [InlineData("""{"open":true}""", "2")]
    [InlineData("""{"tags":["a","b"]}""", "3")]
    [InlineData("""{"tags":["a"]}""", "")]
    [InlineData("""{"at":{"x":1,"y":2}}""", "2")]
    [InlineData("""{"gone":null}""", "3")]
    [InlineData("""{"x":1}""", "")]
    [InlineData("{}", "0 1 2 3")]
    public async Task List_narrows_by_fields_of_the_metadata(string wanted, string expected)
    {
        string?[] metadata =
        [
            null,
            """{"tier":"gold","ticket":7,"other":1}""",
            """{ "open": true, "tier": "gold", "ticket": 8, "at": {"y":2,"x":1} }""",
            """{"tier":"silver","ticket":7,"tags":["a","b"],"gone":null}""",
        ];
        var ids = new List<string>();
        foreach (var each in metadata)
            ids.Add((await Alice.CreateAsync(Bot, metadata: each, cancellationToken: Cancellation)).Id);

        var query = new ConversationQuery { Metadata = wanted, PageSize = 1 };
        foreach (var view in new ConversationView[] { Alice, Manager })
        {
            var listed = await view.ListAsync(query, Cancellation).Select(conversation => ids.IndexOf(conversation.Id)).ToListAsync(Cancellation);
            string.Join(' ', listed.Order()).Should().Be(expected);
        }

        (await Bob.ListAsync(query, Cancellation).CountAsync(Cancellation)).Should().Be(0);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"canary\"")]
    [InlineData("{canary")]
    [InlineData("")]
    public async Task Metadata_that_is_no_JSON_object_is_refused_everywhere_and_not_repeated(string metadata)
    {
        var created = await Alice.CreateAsync(Bot, cancellationToken: Cancellation);
        Func<Task>[] calls =
        [
            () => Alice.CreateAsync(Bot, metadata: metadata, cancellationToken: Cancellation),
            () => Alice.SetMetadataAsync(created.Id, metadata, Cancellation),
            () => Task.FromResult(new TurnRequest(Bot, "hello") { ConversationMetadata = metadata }),
            () => Task.FromResult(new ConversationImport(Bot, []) { Metadata = metadata }),
            () => Task.FromResult(new ConversationQuery { Metadata = metadata }),
        ];

        foreach (var call in calls)
            (await call.Should().ThrowAsync<ArgumentException>()).Which.ToString().Should().ContainEquivalentOf("metadata").And.NotContain(Canary);
    }

    [Fact]
    public async Task Metadata_above_its_limit_is_refused_everywhere_before_anything_is_written()
    {
        var options = Options();
        options.Limits.MaxConversationMetadataBytes = 40;
        var alice = new ConversationManager(Store, options, Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        var large = $$"""{"{{Canary}}":"{{new string('ä', 14)}}"}""";
        var created = await alice.CreateAsync(Bot, metadata: """{"twenty seven bytes":"äää"}""", cancellationToken: Cancellation);
        Func<Task>[] calls =
        [
            () => alice.CreateAsync(Bot, metadata: large, cancellationToken: Cancellation),
            () => alice.SetMetadataAsync(created.Id, large, Cancellation),
            () => alice.RunTurnAsync(new TurnRequest(Bot, "hello") { ConversationMetadata = large }, Say("hi"), Cancellation),
            () => alice.ListPageAsync(new ConversationQuery { Metadata = large }, cancellationToken: Cancellation),
            () => new ConversationManager(Store, options, Time).ImportAsync(new ConversationImport(Bot, []) { Identity = ConversationIdentity.ForUser("alice"), Metadata = large }, Cancellation),
        ];

        foreach (var call in calls)
        {
            (await call.Should().ThrowAsync<ArgumentException>()).Which.Message.Should()
                .Contain("The metadata has 41 bytes and the limit is 40").And.Contain("MaxConversationMetadataBytes").And.NotContain(Canary);
        }

        (await Alice.ListAsync(cancellationToken: Cancellation).SingleAsync(Cancellation)).Should().Be(created);
    }

    [Fact]
    public async Task Metadata_are_in_no_log_and_no_prompt()
    {
        var result = await AskAsync(new TurnRequest(Bot, "hello") { ConversationMetadata = $$"""{"x":"{{Canary}}"}""" });
        await Alice.SetMetadataAsync(result.ConversationId!, $$"""{"y":"{{Canary}}"}""", Cancellation);

        await Alice.RunTurnAsync(
            Bot,
            "again",
            (turn, _) =>
            {
                turn.Prompt.Should().NotContain(message => message.Text.Contains(Canary));
                return Task.FromResult("hi");
            },
            Cancellation);

        Log.Entries.Should().NotContain(entry => entry.Text.Contains(Canary));
    }

    private async Task<Conversation> FindAsync(string? id) => (await Manager.GetAsync(id!, Cancellation))!;
}
