namespace Guide;

/// <summary>Replaces the console in the blocks: each block that runs has a separate output.</summary>
internal static class Console
{
    private static readonly AsyncLocal<StringWriter?> Current = new();

    private static TextWriter Output => Current.Value ?? TextWriter.Null;

    public static StringWriter Capture() => Current.Value = new StringWriter();

    public static void Write(string? value) => Output.Write(value);

    public static void WriteLine(object? value = null) => Output.WriteLine(value);
}
