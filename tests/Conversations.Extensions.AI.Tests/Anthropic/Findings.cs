using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Gathers what a request broke, and checks the shape of JSON objects.</summary>
internal sealed class Findings
{
    private readonly List<RuleViolation> _violations = [];

    public IReadOnlyList<RuleViolation> Violations => _violations;

    public void Add(string rule, string message) => _violations.Add(new(rule, message));

    /// <summary>Whether it is an object with these fields and no others; an optional field may be null.</summary>
    public bool IsObject(JsonElement element, string path, string[] required, params string[] optional)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Add("wrong-type", $"{path}: Input should be an object");

            return false;
        }

        foreach (var property in element.EnumerateObject().Where(property => !required.Contains(property.Name) && !optional.Contains(property.Name)))
        {
            Add("unknown-field", $"{Join(path, property.Name)}: Extra inputs are not permitted");
        }

        var missing = required.Where(name => !element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null).ToList();

        foreach (var name in missing)
        {
            Add("missing-field", $"{Join(path, name)}: Field required");
        }

        return missing.Count == 0;
    }

    /// <summary>Whether a field is text.</summary>
    public bool IsText(JsonElement element, string path, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Add("wrong-type", $"{Join(path, name)}: Input should be a valid string");

            return false;
        }

        return true;
    }

    /// <summary>Whether a field has one of these values.</summary>
    public bool IsOneOf(JsonElement element, string path, string name, params string[] values)
    {
        if (!IsText(element, path, name))
        {
            return false;
        }

        if (!values.Contains(element.GetProperty(name).GetString()))
        {
            Add("unknown-value", $"{Join(path, name)}: Input should be {string.Join(" or ", values.Select(value => $"'{value}'"))}");

            return false;
        }

        return true;
    }

    /// <summary>The elements of an array; none, and a finding, if it is something else.</summary>
    public IReadOnlyList<JsonElement> ItemsOf(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Array)
        {
            Add("wrong-type", $"{path}: Input should be a valid list");

            return [];
        }

        return [.. element.EnumerateArray()];
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
