using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Dynamic;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Conversations.Tests.Identity;

public sealed class ConversationIdTemplateTests
{
    private const string Json = """{"record":{"customer":{"primary_contact":[{"email":"ada@acme.example"},{"email":"ben@acme.example"}]}}}""";

    private static readonly ConversationIdTemplate Email = ConversationIdTemplate.Parse("{record.customer.primary_contact.email}");

    private static readonly object Contact = new { email = "ada@acme.example" };

    public static TheoryData<object> Records { get; } =
    [
        new { customer = new { primary_contact = Contact } },
        new Order(new Customer([new Person("ada@acme.example"), new Person("ben@acme.example")])),
        new Dictionary<string, object?> { ["customer"] = new { primary_contact = new[] { Contact, "ignored" } } },
        new { customer = new Hashtable { ["primary_contact"] = new Dictionary<string, string> { ["email"] = "ada@acme.example" } } },
        new { customer = new SortedList<string, object> { ["primary_contact"] = new ArrayList { Contact } } },
        new { customer = new { primary_contact = new Dictionary<string, string> { ["email"] = "ada@acme.example" }.ToFrozenDictionary() } },
        new { customer = new { primary_contact = ImmutableDictionary<string, string>.Empty.Add("email", "ada@acme.example") } },
        new { customer = Expando("primary_contact", Enumerable.Repeat(Contact, 1)) },
        JsonElement.Parse(Json).GetProperty("record"),
        JsonNode.Parse(Json)!["record"]!,
        JsonSerializer.Deserialize<JsonNode>(Json)!["record"]!,
        new { customer = new JsonObject { ["primary_contact"] = new JsonArray(new JsonObject { ["email"] = "ada@acme.example" }) } },
        new { customer = JsonDocument.Parse("""{"primary_contact":{"email":"ada@acme.example"}}""") },
    ];

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void Resolve_follows_a_path_through_objects_dictionaries_lists_and_JSON(object record)
    {
        Email.Resolve(new { record }).Should().Be("ada@acme.example");
        Email.Resolve((object)new Dictionary<string, object?> { ["record"] = record }).Should().Be("ada@acme.example");
    }

    [Fact]
    public void Resolve_needs_no_reflection_for_JSON_and_dictionaries()
    {
        var dictionary = new Dictionary<string, object?> { ["record"] = JsonNode.Parse(Json)!["record"] };

        Email.Resolve(JsonElement.Parse(Json)).Should().Be("ada@acme.example");
        Email.Resolve(dictionary).Should().Be("ada@acme.example");
    }

    [Fact]
    public void Resolve_of_a_dictionary_refuses_an_object_in_it()
    {
        var resolving = () => Email.Resolve(new Dictionary<string, object?> { ["record"] = new { customer = "acme" } });

        resolving.Should().Throw<TemplateUnresolvedException>().WithMessage("*'record' is an object*Resolve(object)*");
    }

    [Fact]
    public void Resolve_joins_several_values_and_texts()
    {
        var template = ConversationIdTemplate.Parse("{tenant.id}/{record.company}: {record.number}");

        var key = template.Resolve(new { tenant = new { id = 7 }, record = new { company = "acme", number = "SO-2024-001" } });

        key.Should().Be("7/acme: SO-2024-001");
    }

    [Fact]
    public void Resolve_returns_a_key_that_a_request_accepts_as_its_thread()
    {
        var record = new { company = "acme" };

        var request = new TurnRequest("crm-agent", "The deal was won.")
        {
            Thread = ConversationIdTemplate.Parse("{record.company}").Resolve(new { record }),
            Channel = "doc_event",
            IdempotencyKey = "event-1",
        };

        request.Thread.Should().Be("acme");
    }

    [Fact]
    public void Resolve_finds_a_property_in_snake_case_when_none_has_the_exact_name()
    {
        var template = ConversationIdTemplate.Parse("{order_id}");

        template.Resolve(new { OrderId = 1, order_id = 2 }).Should().Be("2");
        template.Resolve(new { OrderId = 1, OrderID2 = 2 }).Should().Be("1");
    }

    [Fact]
    public void Resolve_compares_names_exactly()
    {
        var dictionary = () => ConversationIdTemplate.Parse("{Company}").Resolve(new Dictionary<string, object?> { ["company"] = "acme" });
        var json = () => ConversationIdTemplate.Parse("{primary_contact}").Resolve(JsonElement.Parse("""{"PrimaryContact":"ada"}"""));
        var property = () => ConversationIdTemplate.Parse("{COMPANY}").Resolve(new { Company = "acme" });

        dictionary.Should().Throw<TemplateUnresolvedException>().WithMessage("*'Company' is missing*");
        json.Should().Throw<TemplateUnresolvedException>().WithMessage("*'primary_contact' is missing*");
        property.Should().Throw<TemplateUnresolvedException>().WithMessage("*'COMPANY' is missing*");
    }

    [Fact]
    public void Resolve_reads_the_property_that_hides_another()
    {
        ConversationIdTemplate.Parse("{Id}").Resolve(new Derived()).Should().Be("derived");
    }

    [Fact]
    public void Resolve_reads_only_the_first_element_of_a_list()
    {
        var list = Endless();

        ConversationIdTemplate.Parse("{list}").Resolve(new { list }).Should().Be("1");
        ConversationIdTemplate.Parse("{id}").Resolve(JsonElement.Parse("""[{"id":1},{"id":2}]""")).Should().Be("1");

        static IEnumerable<int> Endless()
        {
            yield return 1;
            throw new InvalidOperationException("The second was asked for.");
        }
    }

    private static ExpandoObject Expando(string name, object value)
    {
        var expando = new ExpandoObject();
        ((IDictionary<string, object?>)expando)[name] = value;
        return expando;
    }

    private sealed record Order(Customer Customer);

    private sealed record Customer(IReadOnlyList<Person> PrimaryContact);

    private sealed record Person(string Email);

    private class Base
    {
        public int Id { get; init; } = 1;
    }

    private sealed class Derived : Base
    {
        public new string Id { get; init; } = "derived";
    }
}
