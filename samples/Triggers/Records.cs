using System.Text.Json;

namespace Triggers;

/// <summary>A record of the CRM. A template names its properties as they are or in snake case: <c>{record.company}</c>.</summary>
internal sealed record Deal(string Id, string Title, string? Company, string Owner);

/// <summary>The records that the story is about.</summary>
internal static class Records
{
    public static Deal Ships { get; } = new("deal-1", "two ships", "northwind", "ada");

    public static Deal Harbour { get; } = new("deal-2", "a harbour", "northwind", "ben");

    public static Deal Nameless { get; } = new("deal-3", "a deal without a company", Company: null, "ada");

    public static IReadOnlyDictionary<string, object?> OpenOffers { get; } =
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["company"] = "northwind", ["owner"] = "ada", ["open"] = 4 };

    public static JsonElement Signed { get; } =
        JsonElement.Parse("""{"id":"evt-77","title":"Contract 12","document":{"company":["northwind","contoso"],"owner":"ben"}}""");
}
