namespace Conversations.Tokenizers.Tests;

/// <summary>The estimate without a vocabulary, compared with the exact counts.</summary>
public sealed class EstimateTests
{
    private const int Seed = 20261120;
    private const int Slices = 300;

    public static TheoryData<string> Names => [.. Paragraph.All.Select(static paragraph => paragraph.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Estimate_of_a_paragraph_is_not_below_the_exact_count_and_not_far_above_it(string name)
    {
        var paragraph = Paragraph.All.Single(one => one.Name == name);

        Ratio(paragraph.Text).Should().BeInRange(1, paragraph.Bound);
    }

    [Fact]
    public void Paragraphs_are_of_thirty_languages_and_more()
    {
        Paragraph.All.Should().HaveCountGreaterThan(50).And.OnlyContain(static paragraph => paragraph.Text.Length > 200 && paragraph.Bound <= 1.5);
    }

    [Fact]
    public void Estimate_of_a_part_of_a_paragraph_is_seldom_below_the_exact_count_and_never_far()
    {
        var random = new Random(Seed);
        var ratios = Paragraph.All.SelectMany(paragraph => Enumerable.Range(0, Slices).Select(_ => Ratio(SliceOf(paragraph.Text, random)))).ToList();

        ratios.Should().OnlyContain(static ratio => ratio > 0.9);
        ratios.Count(static ratio => ratio < 1).Should().BeLessThan(ratios.Count / 100);
    }

    /// <summary>At least 40 words or, in scripts and formats without spaces, 160 characters, from any place.</summary>
    private static ReadOnlySpan<char> SliceOf(string text, Random random)
    {
        var starts = Enumerable.Range(0, text.Length).Where(i => !char.IsWhiteSpace(text[i]) && (i == 0 || char.IsWhiteSpace(text[i - 1]))).Append(text.Length).ToList();
        if (starts.Count <= 50)
            starts = [.. Enumerable.Range(0, (text.Length / 4) + 1).Select(static i => i * 4)];

        var words = random.Next(40, starts.Count);
        var first = random.Next(starts.Count - words);
        return text.AsSpan(starts[first]..starts[first + words]).TrimEnd();
    }

    private static double Ratio(ReadOnlySpan<char> text) => TokenCounter.Estimate.Count(text) / (double)TiktokenCounters.O200kBase.Count(text);
}
