using System.Collections;
using System.Reflection;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Every content, annotation and region of the abstractions comes back as it went in. What the abstractions gain, these tests miss.</summary>
public sealed class ContentCoverageTests
{
    private static readonly Type[] Families = [typeof(AIContent), typeof(AIAnnotation), typeof(AnnotatedRegion), typeof(UsageDetails)];

    // Only others can be made of these: they have no public constructor.
    private static readonly string[] NeverThemselves = [nameof(InputRequestContent), nameof(InputResponseContent)];

    [Fact]
    public void Samples_have_every_type_that_can_be_created()
    {
        var missing = ConcreteTypes().Select(type => type.Name).Except(Samples().Select(sample => sample.GetType().Name));

        missing.Should().BeEmpty();
    }

    [Fact]
    public void Types_that_cannot_be_created_are_known()
    {
        var unmade = typeof(AIContent).Assembly.GetExportedTypes().Where(type => Families.Any(family => family.IsAssignableFrom(type)) && type.GetConstructors().Length == 0);

        unmade.Select(type => type.Name).Should().BeEquivalentTo(NeverThemselves);
    }

    [Fact]
    public void Samples_have_every_property_set()
    {
        var missing =
            from type in ConcreteTypes()
            let samples = Samples().Where(sample => sample.GetType() == type).ToList()
            from property in Differences.Of(type)
            where !IsCovered([.. samples.Select(property.GetValue)])
            select $"{type.Name}.{property.Name}";

        missing.Should().BeEmpty();
    }

    [Fact]
    public async Task Contents_of_every_type_come_back_from_a_file()
    {
        var sent = ContentSamples.Contents();

        var read = await RoundTrip.ThroughFileAsync([new ChatMessage(ChatRole.Assistant, [.. sent])]);

        Differences.Between(sent, read.Single().Contents).Should().BeEmpty();
    }

    [Fact]
    public async Task Contents_of_every_type_come_back_from_memory()
    {
        var sent = ContentSamples.Contents();

        var read = await RoundTrip.ThroughMemoryAsync([new ChatMessage(ChatRole.Assistant, [.. sent])]);

        Differences.Between(sent, read.Single().Contents).Should().BeEmpty();
    }

    [Fact]
    public async Task Contents_of_every_type_come_back_twice()
    {
        var sent = ContentSamples.Contents();

        var once = await RoundTrip.ThroughFileAsync([new ChatMessage(ChatRole.Assistant, [.. sent])]);
        var twice = await RoundTrip.ThroughFileAsync(once);

        Differences.Between(sent, twice.Single().Contents).Should().BeEmpty();
    }

    [Fact]
    public async Task Comparison_finds_a_property_that_does_not_come_back()
    {
        var read = (await RoundTrip.ThroughMemoryAsync([new ChatMessage(ChatRole.Assistant, [.. ContentSamples.Contents()])])).Single().Contents;
        var unnoticed = new List<string>();

        foreach (var (sent, content) in ContentSamples.Contents().Zip(read))
        {
            foreach (var property in Differences.Of(sent.GetType()).Where(property => property.SetMethod is { IsPublic: true } && property.GetValue(content) is not null))
            {
                var value = property.GetValue(content);
                Change(property, content, value);
                if (Differences.Between(sent, content).Count == 0)
                    unnoticed.Add($"{sent.GetType().Name}.{property.Name}");
                property.SetValue(content, value);
            }
        }

        unnoticed.Should().BeEmpty();
    }

    private static void Change(PropertyInfo property, AIContent content, object? value)
    {
        object? other = value switch
        {
            bool flag => !flag,
            string text => text + "!",
            Uri => new Uri("https://example.org"),
            UsageDetails => new UsageDetails { InputTokenCount = 1 },
            _ => null,
        };
        property.SetValue(content, other);
    }

    private static IEnumerable<Type> ConcreteTypes() => typeof(AIContent).Assembly.GetExportedTypes()
        .Where(type => !type.IsAbstract && Families.Any(family => family.IsAssignableFrom(type)) && type.GetConstructors().Length > 0);

    private static IEnumerable<object> Samples() =>
        [.. ContentSamples.Contents(), .. ContentSamples.Annotations(), .. ContentSamples.Regions(), ContentSamples.Usage()];

    /// <summary>Whether a value can be distinguished from a lost one: some sample has one, and the samples have both truth values.</summary>
    private static bool IsCovered(IReadOnlyList<object?> values) =>
        values.Any(value => value switch
        {
            null or "" or 0 or 0L => false,
            bool => values.Distinct().Count() == 2,
            ICollection collection => collection.Count > 0,
            _ => true,
        });
}
