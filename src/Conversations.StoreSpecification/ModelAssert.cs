using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Compares values of the model, whose <c>ToString</c> omits content, and names the properties that differ.</summary>
internal static class ModelAssert
{
    private const int MaxDifferences = 10;
    private const int MaxLength = 200;

    /// <summary>Fails if two values, or lists of values, differ in a property.</summary>
    public static void Equal(object? expected, object? actual, string what = "The values")
    {
        if (Differences(expected, actual) is { Count: > 0 } differences)
            Assert.Fail($"{what} differ:{string.Concat(differences.Take(MaxDifferences))}");
    }

    private static List<string> Differences(object? expected, object? actual)
    {
        var (wanted, found) = (Description.Of(expected), Description.Of(actual));
        return [.. wanted.Keys.Union(found.Keys, StringComparer.Ordinal)
            .Where(path => !string.Equals(wanted.GetValueOrDefault(path), found.GetValueOrDefault(path), StringComparison.Ordinal))
            .Select(path => $"{Environment.NewLine}  {path}: expected {Shorten(wanted.GetValueOrDefault(path))}, actual {Shorten(found.GetValueOrDefault(path))}")];
    }

    private static string Shorten(string? text) =>
        text is null ? "nothing" : text.Length <= MaxLength ? text : $"{text[..MaxLength]}… ({text.Length} characters)";
}
