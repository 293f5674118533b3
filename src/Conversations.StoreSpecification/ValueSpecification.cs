using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Texts, parts, metadata and times come back as they were written.</summary>
public abstract class ValueSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private static readonly Dictionary<string, IReadOnlyList<ContentPart>> PartsByName = new(StringComparer.Ordinal)
    {
        ["several texts"] = [new TextPart("a"), new TextPart(""), new TextPart("b")],
        ["text with metadata"] = [new TextPart("a") { Metadata = """{ "b" : 1.50, "a" : [null, "\u00e9"] }""" }],
        ["reasoning"] = [new ReasoningPart("think"), new ReasoningPart("") { ProtectedData = "c2lnbmF0dXJl", Metadata = """{"id":"r"}""" }, new TextPart("answer")],
        ["tool call"] = [new ToolCallPart("call", "tool", """{"not": valid""") { Metadata = """{"a":1}""" }],
        ["equal tool-call ids"] = [new ToolCallPart("call", "one", "{}"), new ToolCallPart("call", "two", "")],
        ["tool result"] = [new ToolResultPart("call", "") { Name = "tool", IsError = true, Metadata = """{"a":1}""" }, new ToolResultPart("call", "ok")],
        ["approval request"] = [new ApprovalRequestPart("r", """{ "tool" : "pay", "n": 1.0e2, "n": 2 }""") { Metadata = """{"a":1}""" }, new ApprovalRequestPart("r", "{}")],
        ["approval response"] = [new ApprovalResponsePart("r", """{ "approved" : true }""") { Metadata = """{"a":1}""" }],
        ["data"] = [new DataPart("image/png", new byte[] { 0, 1, 254, 255 }, "a\"b.png") { Metadata = """{"a":1}""" }, new DataPart("text/plain;charset=utf-8", ReadOnlyMemory<byte>.Empty)],
        ["error"] = [new ErrorPart("failed") { Code = "CODE", Metadata = """{"a":1}""" }],
        ["raw"] = [new RawPart("""{ "type" : "image" , "url":"a\u002fb", "n": 1.0e2, "n": 2 }""")],
        ["text that looks like JSON"] = [new TextPart("""[{"type":"text","text":"x"}]""")],
        ["mixed"] = [new TextPart("a"), new ToolCallPart("c", "t", "{}"), new RawPart("""{"type":"x"}"""), new ToolResultPart("c", "r"), new TextPart("b")],
    };

    /// <summary>Gets the names of texts that are valid keys.</summary>
    public static TheoryData<string> Keys => HostileTexts.KeyNames;

    /// <summary>Gets the names of texts that are valid content.</summary>
    public static TheoryData<string> Contents => HostileTexts.ContentNames;

    /// <summary>Gets the names of texts that are valid authors.</summary>
    public static TheoryData<string> Authors => HostileTexts.AuthorNames;

    /// <summary>Gets the names of lists of parts.</summary>
    public static TheoryData<string> Parts => [.. PartsByName.Keys];

    /// <summary>Gets times in ticks that are easily rounded or rejected.</summary>
    public static TheoryData<long> Times =>
    [
        new DateTime(2025, 6, 1, 12, 0, 0, DateTimeKind.Utc).Ticks + 1,
        new DateTime(2025, 6, 1, 12, 0, 0, DateTimeKind.Utc).Ticks + 9_999_999,
        new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc).Ticks + 3,
        new DateTime(1582, 10, 4, 0, 0, 0, DateTimeKind.Utc).Ticks,
        DateTime.MinValue.Ticks,
        DateTime.MaxValue.Ticks,
    ];

    [Theory, Rule("9.1")]
    [MemberData(nameof(Contents))]
    public async Task ReadMessages_returns_content_as_written(string name)
    {
        var text = HostileTexts.Get(name);
        var created = await CreateAsync(User(text));

        Assert.Equal(text, Assert.Single(await MessagesAsync(created.Conversation.Id)).Text);
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(Keys))]
    public async Task ReadMessages_returns_texts_of_parts_as_written(string name)
    {
        var text = HostileTexts.Get(name);
        ContentPart[] parts = [new ToolCallPart(text, text, text), new ToolResultPart(text, text) { Name = text }, new ReasoningPart(text) { ProtectedData = text }, new ErrorPart(text) { Code = text }, new ApprovalRequestPart(text, "{}"), new ApprovalResponsePart(text, "{}")];
        var created = await CreateAsync(Stored(new ConversationMessage(MessageRole.Assistant, parts)));

        ModelAssert.Equal(parts, Assert.Single(await MessagesAsync(created.Conversation.Id)).Parts);
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(Keys))]
    public async Task Load_returns_title_as_written(string name)
    {
        var created = await CreateAsync();
        await WriteAsync(Rename(created, HostileTexts.Get(name)));

        Assert.Equal(HostileTexts.Get(name), (await LoadAsync(created.Conversation.Id))?.Conversation.Title);
    }

    [Fact, Rule("9.1")]
    public async Task Load_returns_title_with_NUL_as_written()
    {
        var created = await CreateAsync();
        await WriteAsync(Rename(created, "a\0b\0"));

        Assert.Equal("a\0b\0", (await LoadAsync(created.Conversation.Id))?.Conversation.Title);
    }

    [Theory, Rule("9.1", "2.7")]
    [MemberData(nameof(Keys))]
    public async Task Load_and_ListConversations_return_metadata_as_written(string name)
    {
        // JSON of the same meaning is another text.
        var metadata = JsonOf(name);
        var created = await CreateAsync();
        await WriteAsync(Touch(created with { Conversation = created.Conversation with { Metadata = metadata } }));

        Assert.Equal(metadata, (await LoadAsync(created.Conversation.Id))?.Conversation.Metadata);
        Assert.Equal(metadata, Assert.Single(await Store.ListConversationsAsync(AllConversations())).Metadata);
    }

    [Theory, Rule("9.1", "5.6")]
    [MemberData(nameof(Keys))]
    public async Task ListConversations_finds_conversation_by_metadata_of_any_text(string name)
    {
        var created = await CreateAsync();
        await WriteAsync(Touch(created with { Conversation = created.Conversation with { Metadata = JsonOf(name) } }));
        await CreateAsync();

        Assert.Equal([created.Conversation.Id], await IdsAsync(AllConversations(new() { Metadata = new JsonObject { [HostileTexts.Get(name)] = HostileTexts.Get(name) }.ToJsonString() })));
    }

    [Theory, Rule("9.1", "6.2")]
    [MemberData(nameof(Keys))]
    public async Task Load_finds_run_by_key_caller_and_scope_of_any_text(string name)
    {
        var text = HostileTexts.Get(name);
        var scope = ScopeOf(text, text, text, text);
        var created = await CreateInAsync(scope);
        var run = ClosedRun(created.Conversation.Id, 1, text);
        var stored = run with { Fingerprint = text, Run = run.Run with { Caller = text, Model = text, FinishReason = text, Error = text } };
        await WriteAsync(Batch(Touch(created) with { Runs = [stored] }) with { Access = AccessOf(scope) });

        ModelAssert.Equal(stored, await KeyedRunAsync(text, scope, text));
    }

    [Theory, Rule("9.1", "5.6")]
    [MemberData(nameof(Keys))]
    public async Task ListConversations_finds_conversation_by_fields_of_any_text(string name)
    {
        var text = HostileTexts.Get(name);
        var scope = ScopeOf(text, text, text, text);
        var created = await CreateInAsync(scope);
        await CreateInAsync(ScopeOf("other", text, text, text));

        var listing = new ConversationListing { Access = AccessOf(scope), Query = new() { Agent = text, UserId = text, Channel = text }, Limit = 9 };

        ModelAssert.Equal(new[] { created.Conversation }, await Store.ListConversationsAsync(listing));
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(Keys))]
    public async Task Load_finds_conversation_by_id_of_any_text(string name)
    {
        var conversation = NewConversation();
        conversation = conversation with { Conversation = conversation.Conversation with { Id = HostileTexts.Get(name) } };
        await WriteAsync(Append(conversation, User()));

        Assert.Single(await MessagesAsync(HostileTexts.Get(name)));
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(Keys))]
    public async Task ReadMessages_returns_metadata_and_counter_of_any_text(string name)
    {
        var text = HostileTexts.Get(name);
        var metadata = $$"""{"a":{{System.Text.Json.JsonSerializer.Serialize(text)}}}""";
        var created = await CreateAsync(User() with { Metadata = metadata, Tokens = new TokenAmount(3, text) });

        var message = Assert.Single(await MessagesAsync(created.Conversation.Id));

        Assert.Equal((metadata, text), (message.Metadata, message.Tokens?.Counter));
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(Contents))]
    public async Task Load_returns_summary_as_written(string name)
    {
        var created = await CreateAsync(User(), User());
        var summary = new ConversationSummary { ConversationId = created.Conversation.Id, Through = 1, MessageCount = 1, Text = HostileTexts.Get(name), CreatedAt = Time.GetUtcNow() };
        await WriteAsync(Touch(created) with { Summary = summary });

        Assert.Equal(HostileTexts.Get(name), await SummaryAsync(created.Conversation.Id));
    }

    [Theory, Rule("9.2")]
    [MemberData(nameof(Parts))]
    public async Task ReadMessages_returns_parts_in_order_and_unchanged(string name)
    {
        var created = await CreateAsync(Stored(new ConversationMessage(MessageRole.Assistant, PartsByName[name])));

        ModelAssert.Equal(PartsByName[name], Assert.Single(await MessagesAsync(created.Conversation.Id)).Parts);
    }

    [Theory, Rule("9.2")]
    [MemberData(nameof(Parts))]
    public async Task ReadMessages_returns_metadata_of_message_beside_parts(string name)
    {
        const string Metadata = """{ "author" : "é", "n" : 1.50 }""";
        var created = await CreateAsync(Stored(new ConversationMessage(MessageRole.Assistant, PartsByName[name]) { Metadata = Metadata }));

        var message = Assert.Single(await MessagesAsync(created.Conversation.Id));

        ModelAssert.Equal(new { Metadata, Parts = PartsByName[name] }, new { message.Metadata, message.Parts });
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(Authors))]
    public async Task ReadMessages_returns_author_as_written(string name)
    {
        var author = HostileTexts.Get(name);
        var created = await CreateAsync(User() with { AuthorName = author });

        Assert.Equal(string.IsNullOrWhiteSpace(author) ? null : author, Assert.Single(await MessagesAsync(created.Conversation.Id)).AuthorName);
    }

    [Fact, Rule("9.2")]
    public async Task Load_returns_author_of_each_message_of_window()
    {
        StoredMessage[] messages =
        [
            Stored(new ConversationMessage(MessageRole.User, new TextPart("a")) { AuthorName = "ada" }),
            Stored(new ConversationMessage(MessageRole.User, new TextPart("b"))),
            Stored(new ConversationMessage(MessageRole.Assistant, PartsByName["mixed"]) { AuthorName = "Zoë", Metadata = "{}" }),
        ];
        var created = await CreateAsync(messages);

        var state = await Store.LoadAsync(ById(created.Conversation.Id) with { Window = new WindowSize(3) });

        Assert.Equal(["ada", null, "Zoë"], state.Window.Select(message => message.AuthorName));
    }

    [Theory, Rule("9.2")]
    [InlineData(MessageRole.System)]
    [InlineData(MessageRole.User)]
    [InlineData(MessageRole.Assistant)]
    [InlineData(MessageRole.Tool)]
    public async Task ReadMessages_returns_each_role(MessageRole role)
    {
        var created = await CreateAsync(Stored(new ConversationMessage(role, new TextPart("text"))));

        Assert.Equal(role, Assert.Single(await MessagesAsync(created.Conversation.Id)).Role);
    }

    [Fact, Rule("9.2")]
    public async Task ReadMessages_returns_all_other_fields_as_written()
    {
        var write = Append(NewConversation(), User() with { RunNumber = 3_000_000_019, IsPartial = true, SupersededBy = 3_000_000_037, AuthorName = "ada", Tokens = new TokenAmount(int.MaxValue, "counter") });
        await WriteAsync(write);

        ModelAssert.Equal(write.Messages, await MessagesAsync(write.Conversation.Conversation.Id));
    }

    [Fact, Rule("9.2")]
    public async Task ReadMessages_returns_null_for_fields_that_were_not_written()
    {
        var write = Append(NewConversation(), User());
        await WriteAsync(write);

        ModelAssert.Equal(write.Messages, await MessagesAsync(write.Conversation.Conversation.Id));
    }

    [Theory, Rule("9.2")]
    [MemberData(nameof(Times))]
    public async Task ReadMessages_returns_time_to_the_tick(long ticks)
    {
        var time = new DateTimeOffset(ticks, TimeSpan.Zero);
        var created = await CreateAsync(User() with { CreatedAt = time });

        Assert.Equal(time, Assert.Single(await MessagesAsync(created.Conversation.Id)).CreatedAt);
    }

    [Theory, Rule("9.2")]
    [InlineData(120)]
    [InlineData(-570)]
    [InlineData(840)]
    public async Task ReadMessages_returns_time_in_UTC(int offsetMinutes)
    {
        var created = await CreateAsync(User() with { CreatedAt = Time.GetUtcNow().ToOffset(TimeSpan.FromMinutes(offsetMinutes)) });

        ModelAssert.Equal(Time.GetUtcNow(), Assert.Single(await MessagesAsync(created.Conversation.Id)).CreatedAt);
    }

    [Theory, Rule("9.2")]
    [MemberData(nameof(Times))]
    public async Task Load_returns_times_of_conversation_to_the_tick(long ticks)
    {
        var time = new DateTimeOffset(ticks, TimeSpan.Zero);
        var conversation = NewConversation();
        var written = await WriteAsync(Touch(conversation with
        {
            Conversation = conversation.Conversation with { CreatedAt = time, LastActivityAt = time, LastMessageAt = time, EndedAt = time },
        }));

        ModelAssert.Equal(written, await LoadAsync(written.Conversation.Id));
    }

    [Theory, Rule("9.2")]
    [MemberData(nameof(Times))]
    public async Task ReadRuns_returns_times_of_run_to_the_tick(long ticks)
    {
        var time = new DateTimeOffset(ticks, TimeSpan.Zero);
        var created = await CreateAsync();
        var run = ClosedRun(created.Conversation.Id, 1);
        run = run with { SegmentsExpireAt = time, Run = run.Run with { StartedAt = time, EndedAt = time } };
        await WriteAsync(Touch(created) with { Runs = [run] });

        ModelAssert.Equal(new[] { run }, await RunsAsync(created.Conversation.Id));
    }

    private static string JsonOf(string name) => $$"""{ "x": 1.0, {{JsonOfText(HostileTexts.Get(name))}}:{{JsonOfText(HostileTexts.Get(name))}} }""";

    private static string JsonOfText(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
