using System.Text.Json;
using Conversations.Benchmarks.Workloads;
using Spectre.Console;

namespace Conversations.Sqlite.Tests;

/// <summary>The workloads of the benchmarks, as small as can be: that they run, not how fast.</summary>
public sealed class WorkloadTests
{
    private static readonly string[] Fields = ["workload", "variant", "median_us", "ratio", "goal", "met"];

    [Fact]
    public async Task Workloads_return_figures_and_leave_no_files()
    {
        using var folder = new TemporaryFolder();
        var path = Path.GetDirectoryName(folder.File())!;

        var figures = await WorkloadRunner.RunAsync(Quiet(), WorkloadRunner.All, Scale.Tiny, path, TestContext.Current.CancellationToken);

        figures.Select(figure => figure.Workload).Distinct().Should().BeEquivalentTo(["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9"]);
        figures.Should().OnlyContain(figure => double.IsFinite(figure.Value) && (figure.Ratio == null || double.IsFinite(figure.Ratio.Value)));
        figures.Should().OnlyHaveUniqueItems(figure => figure.Variant);
        Directory.EnumerateFileSystemEntries(path).Should().BeEmpty();
    }

    [Fact]
    public async Task Figures_are_written_as_JSON()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("figures.json");
        var figure = new Figure("W1", "full turn", 120) { Floor = 100, Ratio = 1.2, Goal = Goal.AtMost(1.5) };

        await using (var output = File.Create(path))
            await FigureFile.WriteAsync(output, [figure]);

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        var written = json.RootElement.EnumerateArray().Should().ContainSingle().Subject;
        written.EnumerateObject().Select(property => property.Name).Should().Contain(Fields);
        written.GetProperty("met").GetBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData("1ms", 1000)]
    [InlineData("0.5ms", 500)]
    [InlineData("30us", 30)]
    public void Delay_is_read_with_its_unit(string text, double microseconds) => FsyncDelay.Parse(text).TotalMicroseconds.Should().Be(microseconds);

    [Theory]
    [InlineData("1")]
    [InlineData("0ms")]
    [InlineData("-1ms")]
    [InlineData("ms")]
    public void Delay_without_a_unit_or_a_length_is_refused(string text)
    {
        var act = () => FsyncDelay.Parse(text);

        act.Should().Throw<FormatException>();
    }

    private static IAnsiConsole Quiet() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
}
