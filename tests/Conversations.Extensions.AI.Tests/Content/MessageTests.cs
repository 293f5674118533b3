using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>What a message has in addition to its contents, and its form in the file.</summary>
public sealed class MessageTests
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Message_of_text_is_plain_text_in_the_file()
    {
        var rows = await RoundTrip.RowsAsync(
            new ChatMessage(ChatRole.User, "Does it rain?"),
            new ChatMessage(ChatRole.Assistant, [new TextContent("Yes.") { RawRepresentation = new object(), Annotations = [], AdditionalProperties = [] }]) { MessageId = "provider_1", RawRepresentation = new object() });

        rows.Should().Equal((0, "Does it rain?"), (0, "Yes."));
    }

    [Fact]
    public async Task Content_in_the_file_has_no_white_space_and_no_needless_escapes()
    {
        var rows = await RoundTrip.RowsAsync(new ChatMessage(ChatRole.User, [new UriContent("https://example.com/a?b=c&d='e'", "text/html") { AdditionalProperties = new() { ["š"] = "<€>" } }]));

        rows.Should().Equal((1, """[{"type":"ai_content","media_type":"text/html","content":{"$type":"uri","uri":"https://example.com/a?b=c&d='e'","mediaType":"text/html","additionalProperties":{"š":"<€>"}}}]"""));
    }

    [Fact]
    public async Task Author_and_additional_properties_come_back_and_the_id_is_the_conversations()
    {
        var message = new ChatMessage(ChatRole.Assistant, "Yes.") { AuthorName = "Vera", MessageId = "provider_1", CreatedAt = Time, AdditionalProperties = ContentSamples.Properties() };

        var read = (await RoundTrip.ThroughFileAsync([message])).Single();

        read.MessageId.Should().StartWith("msg_").And.Be(((ConversationMessage)read.RawRepresentation!).Id);
        read.MessageId = message.MessageId;
        Differences.Between(message, read).Should().BeEmpty();
    }

    [Fact]
    public async Task Roles_come_back()
    {
        ChatRole[] roles = [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool, new("developer"), new("critic")];

        var stored = roles.Select(role => new ChatMessage(role, "Yes.").ToConversationMessage()).ToList();
        var read = await RoundTrip.ThroughFileAsync([.. roles.Select(role => new ChatMessage(role, "Yes."))]);

        stored.Select(message => message.Role).Should().Equal(MessageRole.System, MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.System, MessageRole.User);
        read.Select(message => message.Role).Should().Equal(roles);
    }

    [Fact]
    public void Role_that_the_caller_chose_is_used()
    {
        var message = ChatContent.Default.ToMessage(new ChatMessage(new ChatRole("critic"), "Yes."), MessageRole.Assistant);

        message.Metadata.Should().BeNull();
        message.ToChatMessage().Role.Should().Be(ChatRole.Assistant);
    }

    [Fact]
    public async Task Message_without_contents_comes_back_without_contents()
    {
        var read = await RoundTrip.ThroughFileAsync([new ChatMessage(ChatRole.Assistant, []) { AuthorName = "Vera" }, new ChatMessage(ChatRole.Assistant, "")]);

        read[0].Contents.Should().BeEmpty();
        read[0].AuthorName.Should().Be("Vera");
        read[1].Contents.Should().ContainSingle();
    }

    [Fact]
    public async Task Metadata_of_the_host_is_ignored_and_written_again()
    {
        var message = new ConversationMessage(
            MessageRole.Assistant,
            new TextPart("Yes.") { Metadata = """{"annotations":7,"mine":1.0}""" },
            new ToolCallPart("c", "look", "{}") { Metadata = """{"additionalProperties":"x"}""" })
        { Metadata = """{"authorName":3,"own":{"a":[]}}""" };

        var read = (await RoundTrip.StoredAsync([message])).Single().ToChatMessage();

        read.AuthorName.Should().BeNull();
        read.Contents.Should().OnlyContain(content => content.Annotations == null && content.AdditionalProperties == null);
        var again = read.ToConversationMessage();
        again.Parts.Should().Equal(message.Parts);
        again.Metadata.Should().Be(message.Metadata);
    }

    [Fact]
    public void Metadata_of_the_host_is_kept_with_added_properties()
    {
        var read = new ConversationMessage(MessageRole.Assistant, new TextPart("Yes.") { Metadata = """{"mine":1.0}""" }) { Metadata = """{"own":1}""" }.ToChatMessage();

        read.AuthorName = "Vera";
        read.Contents.Single().AdditionalProperties = new() { ["k"] = "v" };
        var written = read.ToConversationMessage();

        written.AuthorName.Should().Be("Vera");
        written.Metadata.Should().Be("""{"own":1}""");
        written.Parts.Single().Metadata.Should().Be("""{"mine":1.0,"$ai":{"additionalProperties":{"k":"v"}}}""");
    }

    [Fact]
    public void Error_part_for_people_stays_an_error_part()
    {
        var message = ConversationMessage.Error("The model is away.", "AWAY");

        var read = message.ToChatMessage();

        read.Contents.Single().Should().BeOfType<ErrorContent>().Which.Should().Match<ErrorContent>(error => error.Message == "The model is away." && error.ErrorCode == "AWAY");
        read.ToConversationMessage().Parts.Should().Equal(message.Parts);
    }

    [Fact]
    public async Task Lone_surrogates_are_repaired_everywhere()
    {
        const string Broken = "a\ud800b\0";
        const string Repaired = "a\ufffdb\0";
        var message = new ChatMessage(
            ChatRole.Assistant,
            [
                new TextContent(Broken) { AdditionalProperties = new() { [Broken] = Broken } },
                new FunctionCallContent(Broken, Broken, new Dictionary<string, object?> { [Broken] = Broken }),
                new ErrorContent(Broken),
            ])
        { AuthorName = Broken };

        var read = (await RoundTrip.ThroughFileAsync([message])).Single();

        read.AuthorName.Should().Be(Repaired);
        Differences.Between(
            new AIContent[]
            {
                new TextContent(Repaired) { AdditionalProperties = new() { [Repaired] = Repaired } },
                new FunctionCallContent(Repaired, Repaired, new Dictionary<string, object?> { [Repaired] = Repaired }),
                new ErrorContent(Repaired),
            },
            read.Contents).Should().BeEmpty();
    }

    [Fact]
    public async Task Ten_megabytes_of_data_come_back()
    {
        var data = new byte[10_000_000];
        new Random(1).NextBytes(data);

        var read = (await RoundTrip.ThroughFileAsync(new DataContent(data, "application/octet-stream") { Name = "a.bin" })).Single();

        var content = read.Should().BeOfType<DataContent>().Subject;
        (content.MediaType, content.Name).Should().Be(("application/octet-stream", "a.bin"));
        content.Data.Span.SequenceEqual(data).Should().BeTrue();
    }
}
