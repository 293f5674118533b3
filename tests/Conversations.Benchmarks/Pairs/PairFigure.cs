using System.Globalization;
using Conversations.Benchmarks.Workloads;
using Spectre.Console;

namespace Conversations.Benchmarks.Pairs;

/// <summary>One line of the result.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Unit">The unit of the values.</param>
/// <param name="A">The value of the first build; NaN if it cannot be measured.</param>
/// <param name="B">The value of the second build.</param>
/// <param name="Goal">The goal; null if there is none.</param>
internal sealed record PairFigure(string Title, string Unit, double A, double B, Goal? Goal)
{
    /// <summary>Gets the ratio of B to A; null if the goal is one of the value of B.</summary>
    public double? Ratio { get; init; }

    /// <summary>Gets the ratios of single rounds, from a tenth of them to nine tenths.</summary>
    public (double Low, double High)? Spread { get; init; }

    public bool? Met => Goal?.IsMetBy(Ratio ?? B);

    public static void Write(IAnsiConsole console, IEnumerable<PairFigure> figures)
    {
        var table = new Table().Border(TableBorder.Markdown).AddColumn("measured");
        foreach (var column in new[] { "A", "B", "unit", "B / A", "spread", "goal" })
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("met");
        foreach (var figure in figures)
        {
            table.AddRow(
                Markup.Escape(figure.Title),
                Number(figure.A),
                Number(figure.B),
                figure.Unit,
                figure.Ratio is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "",
                figure.Spread is var (low, high) ? string.Create(CultureInfo.InvariantCulture, $"{low:0.00} to {high:0.00}") : "",
                figure.Goal?.ToString() ?? "",
                figure.Met switch { true => "yes", false => "no", null => "" });
        }

        console.Write(table);
    }

    private static string Number(double value) => double.IsNaN(value) ? "" : value.ToString(Math.Abs(value) < 100 ? "0.0#" : "#,0", CultureInfo.InvariantCulture);
}
