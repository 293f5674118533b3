using System.Globalization;

namespace Conversations;

/// <summary>Compares the names of models.</summary>
internal static class ModelNames
{
    private static readonly string[] DateFormats = ["yyyyMMdd", "yyyy-MM-dd"];

    /// <summary>Returns whether two names are those of one model: the same, or one is a dated version of the other. Two dated versions of one model are two models.</summary>
    public static bool AreSame(string? name, string? other) =>
        name is not null && other is not null
        && (string.Equals(name, other, StringComparison.Ordinal)
            || string.Equals(WithoutDate(name), other, StringComparison.Ordinal)
            || string.Equals(name, WithoutDate(other), StringComparison.Ordinal));

    /// <summary>Returns the name of the model of which a model is a dated version; null if the name has no date.</summary>
    public static string? WithoutDate(string model)
    {
        foreach (var format in DateFormats)
        {
            var end = model.Length - format.Length - 1;
            if (end > 0 && model[end] is '-' or '@' && DateOnly.TryParseExact(model.AsSpan(end + 1), format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                return model[..end];
        }

        return null;
    }
}
