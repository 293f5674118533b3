using System.Text;

namespace Conversations.Tokenizers.Tests;

public sealed class TiktokenCountersTests
{
    private const int Million = 1_000_000;

    [Fact]
    public void Count_by_o200k_base_is_that_of_the_reference()
    {
        var differences = GoldenCounts.All.Where(golden => TiktokenCounters.O200kBase.Count(golden.Text) != golden.O200kBase);

        GoldenCounts.All.Should().HaveCount(1500);
        differences.Should().BeEmpty();
    }

    [Fact]
    public void Count_by_cl100k_base_is_that_of_the_reference()
    {
        var differences = GoldenCounts.All.Where(golden => TiktokenCounters.Cl100kBase.Count(golden.Text) != golden.Cl100kBase);

        GoldenCounts.All.Should().HaveCount(1500);
        differences.Should().BeEmpty();
    }

    [Fact]
    public void Name_is_that_of_the_encoding()
    {
        TiktokenCounters.O200kBase.Name.Should().Be("o200k_base");
        TiktokenCounters.Cl100kBase.Name.Should().Be("cl100k_base");
    }

    [Fact]
    public void Count_of_a_special_token_is_that_of_ordinary_text()
    {
        TiktokenCounters.O200kBase.Count("<|endoftext|>").Should().Be(7);
        TiktokenCounters.Cl100kBase.Count("<|endoftext|>").Should().Be(7);
    }

    [Fact]
    public void Count_of_ill_formed_text_is_that_of_the_text_repaired()
    {
        foreach (var golden in GoldenCounts.All)
        {
            var repaired = string.Concat(golden.Text.EnumerateRunes().Select(rune => rune.ToString()));

            TiktokenCounters.O200kBase.Count(golden.Text).Should().Be(TiktokenCounters.O200kBase.Count(repaired));
        }
    }

    // The reference takes quadratic time here, so its counts for 10,000 and 20,000 were extended.
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

        TiktokenCounters.O200kBase.Count(text).Should().Be(o200k);
        TiktokenCounters.Cl100kBase.Count(text).Should().Be(cl100k);
    }

    [Fact]
    public async Task Count_is_right_when_many_threads_read_the_vocabulary_at_once()
    {
        var counter = new BytePairCounter<O200kSplitter>("o200k_base");
        using var start = new Barrier(8);

        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                return GoldenCounts.All.Sum(golden => counter.Count(golden.Text));
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        counts.Should().AllBeEquivalentTo(GoldenCounts.All.Sum(golden => golden.O200kBase));
    }

    [Theory]
    [InlineData("Nothing of this is copied, 42 times. ")]
    [InlineData("的")]
    public void Count_of_a_long_text_allocates_nothing_once_warm(string unit)
    {
        var text = new StringBuilder().Insert(0, unit, Million / Encoding.UTF8.GetByteCount(unit)).ToString();
        TiktokenCounters.O200kBase.Count(text);

        // The lowest of a few: a collection in between may take the buffers out of the pool.
        var allocated = Enumerable.Range(0, 3).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            TiktokenCounters.O200kBase.Count(text);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });

        allocated.Should().BeLessThan(1_000);
    }
}
