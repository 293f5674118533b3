namespace Conversations;

/// <summary>Reports the types of values that cannot be written as JSON while a message is converted. Conversion does not leave its thread, and its values are written by converters that have no other way to report.</summary>
internal static class LostValues
{
    [ThreadStatic]
    private static Action<Type>? _report;

    /// <summary>Converts, and reports what is lost.</summary>
    /// <param name="report">Gets the type of each value that is lost; null to report nothing.</param>
    /// <param name="convert">The conversion.</param>
    public static T Report<T>(Action<Type>? report, Func<T> convert)
    {
        var outer = _report;
        _report = report;
        try
        {
            return convert();
        }
        finally
        {
            _report = outer;
        }
    }

    /// <summary>Notes that a value of the type is lost.</summary>
    public static void Add(Type type) => _report?.Invoke(type);
}
