using System.Text;

namespace Conversations.Tokenizers.Tests;

public sealed class TiktokenCountersTests
{
    private const int Million = 1_000_000;

    /// <summary>Counts of npm's tiktoken 1.0.22 (<c>encode_ordinary</c>).</summary>
    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("a", 1, 1)]
    [InlineData(" \n  ", 2, 2)]
    [InlineData("\t\t\tx", 2, 2)]
    [InlineData("x \n ", 3, 3)]
    [InlineData("\u3000x\u3000\u3000", 3, 3)]
    [InlineData("\u2028\u2029", 3, 4)]
    [InlineData("Hello, world!", 4, 4)]
    [InlineData("The quick brown fox jumps over the lazy dog.", 10, 10)]
    [InlineData("I'd've thought they'll say it's John's, won't they?", 11, 16)]
    [InlineData("I'D'VE THOUGHT THEY'LL SAY IT'S JOHN'S, WON'T THEY?", 20, 20)]
    [InlineData("Can you check my last invoice?", 7, 7)]
    public void Count_is_that_of_the_reference(string text, int o200k, int cl100k)
    {
        TiktokenCounters.O200kBase.Count(text).Should().Be(o200k);
        TiktokenCounters.Cl100kBase.Count(text).Should().Be(cl100k);
    }

    [Fact]
    public void Name_is_that_of_the_encoding_and_of_the_library()
    {
        TiktokenCounters.O200kBase.Name.Should().Be("o200k_base/ml");
        TiktokenCounters.Cl100kBase.Name.Should().Be("cl100k_base/ml");
    }

    [Theory]
    [InlineData("gpt-4o", "o200k_base/ml")]
    [InlineData("gpt-4.1-mini", "o200k_base/ml")]
    [InlineData("gpt-5", "o200k_base/ml")]
    [InlineData("o3-mini", "o200k_base/ml")]
    [InlineData("gpt-4", "cl100k_base/ml")]
    [InlineData("gpt-3.5-turbo", "cl100k_base/ml")]
    [InlineData("text-embedding-3-small", "cl100k_base/ml")]
    public void ForModel_returns_the_counter_of_the_encoding(string model, string counter)
    {
        TiktokenCounters.ForModel(model).Name.Should().Be(counter);
    }

    [Theory]
    [InlineData("claude-sonnet-4")]
    [InlineData("davinci")]
    public void ForModel_is_refused_for_a_model_of_another_encoding(string model)
    {
        var forModel = () => TiktokenCounters.ForModel(model);

        forModel.Should().Throw<NotSupportedException>().WithMessage($"The model '{model}' is unknown, or has neither o200k_base nor cl100k_base.*");
    }

    [Fact]
    public void ForModel_is_refused_for_a_blank_name()
    {
        var forModel = () => TiktokenCounters.ForModel(" ");

        forModel.Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData("<|endoftext|>", 7, 7)]
    [InlineData("<|endofprompt|>", 7, 7)]
    public void Count_of_a_special_token_is_that_of_ordinary_text(string text, int o200k, int cl100k)
    {
        TiktokenCounters.O200kBase.Count(text).Should().Be(o200k);
        TiktokenCounters.Cl100kBase.Count(text).Should().Be(cl100k);
    }

    [Fact]
    public void Count_of_a_special_token_is_the_same_after_many_other_texts()
    {
        // The library caches words and special tokens alike, and evicts both.
        for (var i = 0; i < 20_000; i++)
            TiktokenCounters.O200kBase.Count("word" + i.ToString(System.Globalization.CultureInfo.InvariantCulture));

        TiktokenCounters.O200kBase.Count("<|endoftext|>").Should().Be(7);
    }

    [Fact]
    public void Count_of_ill_formed_text_is_that_of_the_text_repaired()
    {
        foreach (var (text, repaired) in new[] { ("a\uD800b", "a\uFFFDb"), ("\uDC00", "\uFFFD"), ("😀\uD83D", "😀\uFFFD"), ("\uDE00\uD83D", "\uFFFD\uFFFD") })
        {
            TiktokenCounters.O200kBase.Count(text).Should().Be(TiktokenCounters.O200kBase.Count(repaired));
            TiktokenCounters.Cl100kBase.Count(text).Should().Be(TiktokenCounters.Cl100kBase.Count(repaired));
        }
    }

    // The reference takes quadratic time here, so its counts for 10,000 and 20,000 were extended. Slices may differ from them by one in a hundred.
    [Theory]
    [InlineData("a", Million, 125_000, 125_000)]
    [InlineData(" ", Million, 7_813, 7_813)]
    [InlineData("7", Million, 333_334, 333_334)]
    [InlineData("\n", Million, 62_500, 31_250)]
    [InlineData("😀", Million / 4, 250_000, 500_000)]
    [InlineData("的", Million / 3, 333_333, 333_333)]
    [InlineData("ab", Million / 2, 250_000, 500_000)]
    public void Count_of_a_megabyte_without_a_break_takes_no_quadratic_time(string unit, int times, int o200k, int cl100k)
    {
        var text = new StringBuilder(unit.Length * times).Insert(0, unit, times).ToString();

        TiktokenCounters.O200kBase.Count(text).Should().BeCloseTo(o200k, (uint)o200k / 100);
        TiktokenCounters.Cl100kBase.Count(text).Should().BeCloseTo(cl100k, (uint)cl100k / 100);
    }

    [Fact]
    public void Count_stops_once_it_is_above_the_limit()
    {
        var text = string.Concat(Enumerable.Repeat("word ", 1_000));

        TiktokenCounters.O200kBase.Count(text, 10).Should().Be(11);
        TiktokenCounters.O200kBase.Count(text, 5_000).Should().Be(TiktokenCounters.O200kBase.Count(text));
        TiktokenCounters.O200kBase.Count(new string('a', Million), 10).Should().BeInRange(11, 64, "a slice is counted as a whole");
    }

    [Fact]
    public async Task Count_is_right_when_many_threads_begin_at_once()
    {
        var expected = Paragraph.All.Sum(paragraph => TiktokenCounters.O200kBase.Count(paragraph.Text));
        using var start = new Barrier(8);

        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                return Paragraph.All.Sum(paragraph => TiktokenCounters.O200kBase.Count(paragraph.Text));
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        counts.Should().AllBeEquivalentTo(expected);
    }
}
