using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Conversations.Storage;

namespace Conversations.Tests.Json;

/// <summary>The public records as JSON: whole, and back.</summary>
public sealed class RecordJsonTests
{
    /// <summary>The records that are not returned to callers, and why they are no JSON.</summary>
    private static readonly Dictionary<Type, string> NoJson = new()
    {
        [typeof(TurnRequest)] = "What a host asks for in code. It can contain a function.",
        [typeof(RegenerateRequest)] = "What a host asks for in code. It can contain a function.",
        [typeof(ConversationQuery)] = "What a host asks for in code; a web app binds what it offers of it.",
        [typeof(MessageQuery)] = "What a host asks for in code; a web app binds what it offers of it.",
        [typeof(FeedbackQuery)] = "What a host asks for in code; a web app binds what it offers of it.",
        [typeof(UsageQuery)] = "What a host asks for in code. It contains a time zone.",
        [typeof(ConversationGrants)] = "What a host permits, which must not come from outside.",
        [typeof(ConversationImport)] = "What a host stores as it is, which must not come from outside. Its messages are JSON.",
        [typeof(BusyPolicy)] = "A setting, made by its own members.",
        [typeof(ConversationOwner)] = "A part of a scope, which is written as its session id.",
        [typeof(MediaInfo)] = "The question to a counter of tokens.",
    };

    public static TheoryData<int> Samples => [.. Enumerable.Range(0, RecordSamples.All.Count)];

    private static IEnumerable<Type> Records => typeof(Conversation).Assembly.GetExportedTypes()
        .Where(type => type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null && !type.IsAbstract)
        .Where(type => !string.Equals(type.Namespace, typeof(IConversationStore).Namespace, StringComparison.Ordinal));

    [Fact]
    public void Every_public_record_is_json_or_has_a_reason()
    {
        var known = RecordSamples.All.Select(sample => sample.GetType()).Select(type => type.IsGenericType ? type.GetGenericTypeDefinition() : type).Concat(NoJson.Keys);

        Records.Should().HaveCountGreaterThan(30);
        Records.Except(known).Should().BeEmpty("records of the namespace of stores are between the library and a store; every other one is a sample or on the list");
        NoJson.Keys.Should().BeSubsetOf(Records);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_has_no_default_value(int sample)
    {
        var value = RecordSamples.All[sample];

        // Marks, and what excludes something else.
        var defaults = value.GetType().GetProperties().Where(property => property.SetMethod is not null && property.GetIndexParameters().Length == 0)
            .Where(property => value is not (DataPart or RawPart) && Equals(property.GetValue(value), property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null))
            .Select(property => property.Name);

        defaults.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Record_is_read_as_it_was_written_with_web_defaults(int sample) => IsReadAsWritten(RecordSamples.All[sample], JsonSerializerOptions.Web);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Record_is_read_as_it_was_written_with_defaults(int sample) => IsReadAsWritten(RecordSamples.All[sample], JsonSerializerOptions.Default);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Record_is_read_as_it_was_written_without_reflection(int sample)
    {
        ((IJsonTypeInfoResolver)ConversationsJsonContext.Default).GetTypeInfo(RecordSamples.All[sample].GetType(), ConversationsJsonContext.Default.Options).Should().NotBeNull();

        IsReadAsWritten(RecordSamples.All[sample], ConversationsJsonContext.Default.Options);
    }

    [Fact]
    public void Public_enums_are_text()
    {
        var numbers = typeof(Conversation).Assembly.GetExportedTypes()
            .Where(type => type.IsEnum && !string.Equals(type.Namespace, typeof(IConversationStore).Namespace, StringComparison.Ordinal))
            .Where(type => type.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType != typeof(JsonStringEnumConverter<>).MakeGenericType(type));

        numbers.Should().BeEmpty();
        JsonSerializer.Serialize(RunStatus.RequiresAction).Should().Be("\"RequiresAction\"");
    }

    [Fact]
    public void Message_has_its_id_and_its_parts_by_type()
    {
        var message = new StoredMessage(MessageRole.Assistant, new TextPart("Let me look."), new ToolCallPart("call_1", "track", "{}"), new RawPart("""{"type":"image_url","url":"x"}"""))
        {
            ConversationId = "conv_01972b5cee7b70b4ac02b5082d4ac081",
            Position = 2,
            RunNumber = 1,
        };

        JsonSerializer.Serialize(message, JsonSerializerOptions.Web).Should().Be(
            $$"""{"id":"{{message.Id}}","conversationId":"conv_01972b5cee7b70b4ac02b5082d4ac081","position":2,"role":"Assistant","kind":"ToolCall","parts":[{"type":"text","text":"Let me look."},{"type":"tool_call","id":"call_1","name":"track","arguments":"{}"},{"type":"image_url","url":"x"}],"runNumber":1,"runId":"{{message.RunId}}"}""");
    }

    [Fact]
    public void Metadata_of_a_conversation_is_an_object()
    {
        var conversation = RecordSamples.All.OfType<Conversation>().Single();

        JsonSerializer.Serialize(conversation, JsonSerializerOptions.Web).Should().Contain("\"metadata\":{ \"ticket\" : 7.0 }");
        FluentActions.Invoking(() => JsonSerializer.Deserialize<Conversation>(JsonSerializer.Serialize(conversation).Replace("{ \"ticket\" : 7.0 }", "7"))).Should().Throw<JsonException>();
    }

    [Fact]
    public void Part_is_written_as_stores_write_it()
    {
        var message = RecordSamples.All.OfType<StoredMessage>().Single();

        var stored = JsonDocument.Parse(MessageContent.Write(message).Text).RootElement.GetProperty("parts");
        var written = JsonDocument.Parse(JsonSerializer.Serialize(message)).RootElement.GetProperty("parts");

        JsonElement.DeepEquals(stored, written).Should().BeTrue();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"secret\"")]
    [InlineData("""{"type":7,"text":"secret"}""")]
    [InlineData("""{"text":"secret"}""")]
    [InlineData("""{"type":"text"}""")]
    [InlineData("""{"type":"data","media_type":"secret","data":"AQID"}""")]
    [InlineData("""{"type":"data","media_type":"image/png","data":"secret!"}""")]
    [InlineData("""{"type":"text","text":"x","metadata":"secret"}""")]
    public void Json_that_is_no_part_is_refused_without_quoting_it(string json)
    {
        var read = () => JsonSerializer.Deserialize<ContentPart>(json);

        read.Should().Throw<JsonException>().Which.ToString().Should().NotContain("secret");
    }

    [Theory]
    [InlineData("""{"role":"User"}""")]
    [InlineData("""{"role":"Root","parts":[{"type":"text","text":"secret"}]}""")]
    [InlineData("""{"role":"User","parts":[]}""")]
    [InlineData("""{"role":"User","position":1,"parts":[{"type":"text","text":"secret"}]}""")]
    public void Json_that_is_no_message_is_refused_without_quoting_it(string json)
    {
        var read = () => JsonSerializer.Deserialize<ConversationMessage>(json);

        read.Should().Throw<JsonException>().Which.ToString().Should().NotContain("secret");
    }

    [Fact]
    public void Part_of_another_type_than_asked_for_is_refused()
    {
        var read = () => JsonSerializer.Deserialize<ToolCallPart>("""{"type":"text","text":"x"}""");

        read.Should().Throw<JsonException>();
    }

    private static void IsReadAsWritten(object value, JsonSerializerOptions options)
    {
        var type = value.GetType();
        var json = JsonSerializer.Serialize(value, type, options);

        var read = JsonSerializer.Deserialize(json, type, options);

        read.Should().BeOfType(type);
        read.Should().BeEquivalentTo(value, compare => compare.ComparingByValue<ContentPart>().ComparingByValue<ConversationMessage>().ComparingByValue<StoredMessage>().ComparingByValue<Conversation>().ComparingByValue<ConversationRun>().ComparingByValue<ConversationSummary>().ComparingByValue<ConversationScope>().WithStrictOrdering());
        JsonSerializer.Serialize(read, type, options).Should().Be(json);
    }
}
