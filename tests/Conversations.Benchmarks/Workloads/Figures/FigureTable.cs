using System.Globalization;
using Spectre.Console;

namespace Conversations.Benchmarks.Workloads;

/// <summary>The figures for people.</summary>
internal static class FigureTable
{
    public static void Write(IAnsiConsole console, IReadOnlyList<Figure> figures)
    {
        var table = new Table().Border(TableBorder.Markdown);
        table.AddColumns("workload", "variant");
        foreach (var column in new[] { "median", "floor", "ratio", "goal" })
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("met");
        foreach (var figure in figures)
        {
            table.AddRow(
                figure.Workload,
                Markup.Escape(figure.Variant),
                $"{Number(figure.Value)} {figure.Unit}".TrimEnd(),
                figure.Floor is { } floor ? Number(floor) : "",
                figure.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "",
                figure.Goal?.ToString() ?? "",
                figure.IsMet switch { true => "yes", false => "no", null => "" });
        }

        console.Write(table);
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) < 100 ? "0.0#" : "#,0", CultureInfo.InvariantCulture);
}
