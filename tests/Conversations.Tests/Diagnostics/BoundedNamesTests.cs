namespace Conversations.Tests.Diagnostics;

/// <summary>The names that measurements use as they are.</summary>
public sealed class BoundedNamesTests
{
    [Fact]
    public void Of_returns_name_until_limit_and_other_after_it()
    {
        var names = new BoundedNames();

        var used = Enumerable.Range(0, BoundedNames.Limit + 5).Select(number => names.Of($"model-{number}")).ToList();

        used.Take(BoundedNames.Limit).Should().Equal(Enumerable.Range(0, BoundedNames.Limit).Select(number => $"model-{number}"));
        used.Skip(BoundedNames.Limit).Should().OnlyContain(name => name == BoundedNames.Other);
        names.Of("model-0").Should().Be("model-0");
    }

    [Fact]
    public void Of_returns_other_when_name_is_too_long()
    {
        var names = new BoundedNames();

        names.Of(new string('m', BoundedNames.MaxLength + 1)).Should().Be(BoundedNames.Other);
        names.Of(new string('m', BoundedNames.MaxLength)).Should().HaveLength(BoundedNames.MaxLength);
    }

    [Fact]
    public void Of_stays_within_limit_when_threads_bring_names_at_once()
    {
        var names = new BoundedNames();

        var used = Enumerable.Range(0, 4 * BoundedNames.Limit).AsParallel().Select(number => names.Of($"model-{number}")).Distinct(StringComparer.Ordinal).ToList();

        used.Should().HaveCount(BoundedNames.Limit + 1).And.Contain(BoundedNames.Other);
    }
}
