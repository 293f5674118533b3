using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Messages come back with their parts and all that was said of them.</summary>
public abstract class PartSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private static readonly string Deep = $$"""{"type":"deep","value":{{new string('[', 500)}}{{new string(']', 500)}}}""";

    [Fact, Rule("10.1")]
    public async Task Parts_come_back_in_order()
    {
        var message = new ConversationMessage(
            MessageRole.Assistant,
            new TextPart("a"),
            new ToolCallPart("call_1", "first", """{"x": 1}"""),
            new RawPart("""{"type":"citation","url":"https://example.com"}"""),
            new ToolCallPart("call_2", "second", "not json"),
            new ToolResultPart("call_1", "ok") { Name = "first" },
            new ToolResultPart("call_2", "failed") { IsError = true },
            new ErrorPart("error"),
            new ErrorPart("error") { Code = "code" },
            new TextPart("b"));

        var read = await WriteAndReadAsync(message);

        read.Parts.Should().Equal(message.Parts);
        read.Kind.Should().Be(MessageKind.Error);
    }

    [Fact, Rule("10.1")]
    public async Task Reasoning_comes_back_with_what_is_protected()
    {
        var message = new ConversationMessage(
            MessageRole.Assistant,
            new ReasoningPart("Let me think.\0"),
            new ReasoningPart("") { ProtectedData = "c2lnbmVk\"" },
            new TextPart("Yes."));

        var read = await WriteAndReadAsync(message);

        read.Parts.Should().Equal(message.Parts);
        read.Text.Should().Be("Yes.");
    }

    [Theory, Rule("10.1")]
    [InlineData("{}")]
    [InlineData("""{ "author" : "Zoë" ,  "n":1.0e+05, "a":1,"a":2,"\u00e9\/":["\ud83d\ude00", null] }""")]
    [InlineData("{\n\t\"parts\":\r\n[]\n}")]
    public async Task Metadata_of_a_message_and_of_its_parts_comes_back_to_the_letter(string json)
    {
        var plain = new ConversationMessage(MessageRole.User, new TextPart("x")) { Metadata = json };
        var each = new ConversationMessage(
            MessageRole.Assistant,
            new TextPart("x") { Metadata = json },
            new TextPart("y"),
            new ReasoningPart("z") { Metadata = json },
            new ToolCallPart("call", "f", "{}") { Metadata = json },
            new ToolResultPart("call", "r") { Metadata = json },
            new ErrorPart("e") { Metadata = json });

        (await WriteAndReadAsync(plain)).Should().Be(plain with { ConversationId = LastCreated, Position = 1, CreatedAt = Time.GetUtcNow() });
        (await WriteAndReadAsync(each)).Parts.Should().Equal(each.Parts);
        (await WriteAndReadAsync(each with { Metadata = json })).Should().Be(each with { Metadata = json, ConversationId = LastCreated, Position = 1, CreatedAt = Time.GetUtcNow() });
    }

    [Fact, Rule("10.1")]
    public async Task Metadata_of_a_turn_comes_back_in_every_reading_also_when_it_is_superseded()
    {
        var question = new ConversationMessage(MessageRole.User, new TextPart("q") { Metadata = """{"of": "a part"}""" }) { Metadata = """{"of": "a question"}""", CreatedAt = Time.GetUtcNow() };
        var answer = new ConversationMessage(MessageRole.Assistant, new TextPart("a"), new TextPart("b") { Metadata = """{"of":["a","part"]}""" }) { Metadata = """{"of": "an answer"}""", CreatedAt = Time.GetUtcNow() };
        var begun = await BeginAsync(Turn() with { Input = [question] });
        var (id, run) = (begun.Lease.ConversationId, begun.Lease.Fence);

        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [answer] });
        var read = await MessagesAsync(id);
        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = id, Access = Host, Before = long.MaxValue, Limit = 9 });
        var again = await AnswerAgainAsync(id, input: 1, "again");
        var superseded = await MessagesAsync(id);

        question = question with { ConversationId = id, Position = 1, RunNumber = run };
        answer = answer with { ConversationId = id, Position = 2, RunNumber = run };
        read.Should().Equal(question, answer);
        window.Should().Equal(question, answer);
        superseded.Take(2).Should().Equal(question, answer with { SupersededBy = again.Fence });
    }

    [Theory, Rule("10.1")]
    [InlineData("""{"type":"image"}""")]
    [InlineData("""{ "type" : "image" ,  "n":1.0e+05, "big":12345678901234567890.10 }""")]
    [InlineData("""{"a":1,"a":2,"type":"x","é":"\u00e9\/\ud83d\ude00","null":null}""")]
    [InlineData("""{"type":"TEXT","text":"not the library's own"}""")]
    [InlineData("{\n\t\"type\":\r\n\"lines\"\n}")]
    [InlineData("""{"type":"'quotes\" and %s","html":"<b>&</b>"}""")]
    public async Task A_raw_part_comes_back_to_the_letter(string json)
    {
        var read = await WriteAndReadAsync(new ConversationMessage(MessageRole.User, new RawPart(json)));

        read.Parts.Should().ContainSingle().Which.Should().BeOfType<RawPart>().Which.Json.Should().Be(json);
    }

    [Fact, Rule("10.1")]
    public async Task A_deep_raw_part_comes_back_to_the_letter()
    {
        var read = await WriteAndReadAsync(new ConversationMessage(MessageRole.User, new TextPart("x"), new RawPart(Deep)));

        read.Parts.Should().HaveCount(2);
        read.Parts[1].Should().Be(new RawPart(Deep));
    }

    [Theory, Rule("10.1")]
    [InlineData(MessageRole.System, false)]
    [InlineData(MessageRole.User, true)]
    [InlineData(MessageRole.Assistant, true)]
    [InlineData(MessageRole.Tool, false)]
    public async Task Role_time_and_partiality_come_back(MessageRole role, bool partial)
    {
        var message = new ConversationMessage(role, new TextPart("x")) { IsPartial = partial, CreatedAt = Time.GetUtcNow().AddTicks(-7) };

        var created = await CreateAsync(null, message);

        (await MessagesAsync(created.Id)).Should().Equal(message with { ConversationId = created.Id, Position = 1 });
    }

    [Fact, Rule("10.1")]
    public async Task A_message_of_another_conversation_gets_a_new_place()
    {
        var message = User("copied") with { ConversationId = "conv_other", Position = 77, RunNumber = 5 };

        var created = await CreateAsync(null, message);

        (await MessagesAsync(created.Id)).Should().Equal(message with { ConversationId = created.Id, Position = 1, RunNumber = null });
    }

    [Fact, Rule("11.1")]
    public async Task Tool_calls_may_share_an_id()
    {
        var now = Time.GetUtcNow();
        ConversationMessage[] messages =
        [
            new(MessageRole.Assistant, new ToolCallPart("call", "a", "1"), new ToolCallPart("call", "a", "1")) { CreatedAt = now },
            ConversationMessage.ToolResult("call", "x") with { CreatedAt = now },
            ConversationMessage.ToolCall("call", "b", "2") with { CreatedAt = now },
            ConversationMessage.ToolResult("call", "y") with { CreatedAt = now },
            ConversationMessage.ToolCall("", "", "") with { CreatedAt = now },
        ];
        var begun = await BeginAsync();

        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = messages });

        (await MessagesAsync(begun.Lease.ConversationId)).Skip(1).SelectMany(message => message.Parts)
            .Should().Equal(messages.SelectMany(message => message.Parts));
    }

    private string LastCreated { get; set; } = "";

    private async Task<ConversationMessage> WriteAndReadAsync(ConversationMessage message)
    {
        var created = await CreateAsync(null, message with { CreatedAt = Time.GetUtcNow() });
        LastCreated = created.Id;
        return (await MessagesAsync(created.Id)).Should().ContainSingle().Subject;
    }
}
