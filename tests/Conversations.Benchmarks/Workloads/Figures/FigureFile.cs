using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>The figures for programs: a JSON array, one object a figure.</summary>
internal static class FigureFile
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    public static Task WriteAsync(Stream output, IEnumerable<Figure> figures) => JsonSerializer.SerializeAsync(output, figures.Select(Row.Of), Options);

    private sealed record Row
    {
        public required string Workload { get; init; }

        public required string Variant { get; init; }

        /// <summary>The median if it is a time; null if it is anything else.</summary>
        public double? MedianUs { get; init; }

        public double? FloorUs { get; init; }

        public double? Ratio { get; init; }

        public string? Goal { get; init; }

        public bool? Met { get; init; }

        /// <summary>What it is if it is no time.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? Value { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? Floor { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Unit { get; init; }

        public static Row Of(Figure figure)
        {
            var isTime = figure.Unit == Figure.Microseconds;
            return new Row
            {
                Workload = figure.Workload,
                Variant = figure.Variant,
                MedianUs = isTime ? Rounded(figure.Value) : null,
                FloorUs = isTime ? Rounded(figure.Floor) : null,
                Ratio = Rounded(figure.Ratio),
                Goal = figure.Goal?.ToString(),
                Met = figure.IsMet,
                Value = isTime ? null : Rounded(figure.Value),
                Floor = isTime ? null : Rounded(figure.Floor),
                Unit = isTime ? null : figure.Unit,
            };
        }

        private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 3) : null;
    }
}
