using System.Collections;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations.Tests.Identity;

public sealed class TemplateValueTests
{
    private static readonly ConversationIdTemplate Template = ConversationIdTemplate.Parse("{record.value}");

    public static TheoryData<object, string> Values { get; } = new()
    {
        { "O'Brien \"& Söhne\" 100%", "O'Brien \"& Söhne\" 100%" },
        { " acme ", " acme " },
        { 'x', "x" },
        { true, "true" },
        { -7, "-7" },
        { (byte)200, "200" },
        { ulong.MaxValue, "18446744073709551615" },
        { Int128.MinValue, "-170141183460469231731687303715884105728" },
        { BigInteger.Pow(10, 30), "1000000000000000000000000000000" },
        { 1234.50m, "1234.50" },
        { 0.1, "0.1" },
        { 1e300, "1E+300" },
        { new Guid("0F8FAD5B-D9CB-469F-A165-70867728950E"), "0f8fad5b-d9cb-469f-a165-70867728950e" },
        { new DateTime(2024, 2, 29, 13, 14, 15, DateTimeKind.Utc).AddTicks(1), "2024-02-29T13:14:15.0000001Z" },
        { new DateTimeOffset(2024, 2, 29, 13, 14, 15, TimeSpan.FromHours(2)), "2024-02-29T13:14:15.0000000+02:00" },
        { new DateOnly(2024, 2, 29), "2024-02-29" },
        { new TimeOnly(13, 14, 15), "13:14:15.0000000" },
        { new TimeSpan(1, 2, 3, 4, 5), "1.02:03:04.0050000" },
        { DayOfWeek.Friday, "Friday" },
        { new Uri("https://acme.example/a%20b"), "https://acme.example/a%20b" },
        { JsonValue.Create("acme"), "acme" },
        { JsonValue.Create(7), "7" },
        { JsonValue.Create(new Guid("0F8FAD5B-D9CB-469F-A165-70867728950E")), "0f8fad5b-d9cb-469f-a165-70867728950e" },
    };

    public static TheoryData<object?, string> Others { get; } = new()
    {
        { null, "'record.value' is null" },
        { "", "'record.value' is blank" },
        { " \t", "'record.value' is blank" },
        { "a\0b", "'record.value' holds a NUL" },
        { "a\uD800b", "'record.value' is not well-formed" },
        { '\uDC00', "'record.value' is not well-formed" },
        { JsonValue.Create("\uD800"), "'record.value' is not well-formed" },
        { Array.Empty<string>(), "'record.value' is an empty list" },
        { new List<string?> { null, "acme" }, "'record.value' is null" },
        { new[] { Array.Empty<int>() }, "'record.value' is a list of lists" },
        { new byte[] { 1, 2 }, "'record.value' is bytes" },
        { new Dictionary<string, object?> { ["id"] = 1 }, "'record.value' is a record" },
        { new JsonObject(), "'record.value' is a record" },
        { new { id = 1 }, "'record.value' is a record" },
        { new StringDictionary(), "'record.value' is a dictionary, but" },
        { Version.Parse("1.2"), "'record.value' is a record" },
    };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public void Resolve_writes_a_value_as_a_text_that_no_other_value_of_its_type_has(object value, string text)
    {
        Template.Resolve(new { record = new { value } }).Should().Be(text);
    }

    [Theory]
    [InlineData("\"acme\"", "acme")]
    [InlineData("\"\\u00e9\"", "é")]
    [InlineData("7", "7")]
    [InlineData("1.0", "1.0")]
    [InlineData("12345678901234567890.123456789", "12345678901234567890.123456789")]
    [InlineData("true", "true")]
    [InlineData("[\"acme\", null]", "acme")]
    public void Resolve_writes_JSON_unchanged(string json, string text)
    {
        var record = $$$"""{"record":{"value":{{{json}}}}}""";

        Template.Resolve(JsonElement.Parse(record)).Should().Be(text);
        Template.Resolve(JsonNode.Parse(record)!).Should().Be(text);
        Template.Resolve(JsonSerializer.Deserialize<JsonNode>(record)!).Should().Be(text);
    }

    [Theory]
    [MemberData(nameof(Others), DisableDiscoveryEnumeration = true)]
    public void Resolve_names_the_path_when_there_is_no_value(object? value, string problem)
    {
        var resolving = () => Template.Resolve(new { record = new { value } });

        resolving.Should().Throw<TemplateUnresolvedException>().WithMessage($"*{{record.value}}*{problem}*")
            .Which.Should().BeEquivalentTo(new { Path = "record.value", Code = ConversationErrorCodes.TemplateUnresolved });
    }

    [Theory]
    [InlineData("""{}""", "'record' is missing")]
    [InlineData("""{"record":null}""", "'record' is null")]
    [InlineData("""{"record":[]}""", "'record' is an empty list")]
    [InlineData("""{"record":"secret"}""", "'record' is a value")]
    [InlineData("""{"record":{"Value":"secret"}}""", "'record.value' is missing")]
    [InlineData("""{"record":{"value":null}}""", "'record.value' is null")]
    [InlineData("""{"record":{"value":"\ud800"}}""", "'record.value' could not be read")]
    [InlineData("""7""", "what the paths begin at is a value")]
    [InlineData("""[]""", "what the paths begin at is an empty list")]
    public void Resolve_names_where_the_path_ends_without_the_content(string json, string problem)
    {
        var resolving = () => Template.Resolve(JsonElement.Parse(json));

        resolving.Should().Throw<TemplateUnresolvedException>().WithMessage($"The placeholder {{record.value}} has no value: {problem}*")
            .Which.Message.Should().NotContain("secret");
    }

    [Fact]
    public void Resolve_of_a_member_of_a_value_is_refused()
    {
        var template = ConversationIdTemplate.Parse("{record.Length}");

        var resolving = () => template.Resolve(new { record = "acme" });

        resolving.Should().Throw<TemplateUnresolvedException>().WithMessage("*'record' is a value*");
    }

    [Fact]
    public void Resolve_of_a_name_that_two_properties_have_in_snake_case_is_refused()
    {
        var resolving = () => Template.Resolve(new { record = new { VALUE = 1, Value = 2 } });

        resolving.Should().Throw<TemplateUnresolvedException>().WithMessage("*'record.value' could not be read*");
    }

    [Fact]
    public void Resolve_of_a_property_that_throws_names_the_path_and_keeps_the_cause()
    {
        var resolving = () => Template.Resolve(new { record = new Failing(new InvalidOperationException("not loaded")) });

        resolving.Should().Throw<TemplateUnresolvedException>().WithMessage("*'record.value' could not be read*")
            .WithInnerExceptionExactly<InvalidOperationException>().WithMessage("not loaded");
    }

    [Fact]
    public void Resolve_of_null_is_an_argument_error()
    {
        var noObject = () => Template.Resolve((object)null!);
        var noDictionary = () => Template.Resolve((IReadOnlyDictionary<string, object?>)null!);
        var noJson = () => Template.Resolve(default(JsonElement));

        noObject.Should().Throw<ArgumentNullException>().WithParameterName("values");
        noDictionary.Should().Throw<ArgumentNullException>().WithParameterName("values");
        noJson.Should().Throw<TemplateUnresolvedException>().WithMessage("*what the paths begin at is null*");
    }

    private sealed class Failing(Exception exception)
    {
        public string Value => throw exception;
    }

    /// <summary>A dictionary that is none of objects, nor one of the kind without types.</summary>
    private sealed class StringDictionary : IReadOnlyDictionary<string, string>
    {
        public int Count => 1;

        public IEnumerable<string> Keys => ["key"];

        public IEnumerable<string> Values => ["value"];

        public string this[string key] => "value";

        public bool ContainsKey(string key) => true;

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => new Dictionary<string, string> { ["key"] = "value" }.GetEnumerator();

        public bool TryGetValue(string key, out string value)
        {
            value = "value";
            return true;
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
