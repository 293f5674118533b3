namespace ChatWithModel;

/// <summary>Where the user's lines come from.</summary>
internal interface ILines
{
    /// <summary>The next line; <see langword="null"/> when there are no more.</summary>
    string? Next(string prompt);
}

/// <summary>A user types the lines.</summary>
internal sealed class TypedLines : ILines
{
    public string? Next(string prompt)
    {
        Console.Write(prompt);
        return Console.ReadLine();
    }
}

/// <summary>The lines come from a file or a pipe; if it has none, a script shows the features.</summary>
internal sealed class PipedLines(TextReader input) : ILines
{
    private static readonly string[] Script =
    [
        "When will it ship?",
        "What's the status of order SO-2024-001?",
        "When will it ship?",
        "And SO-2024-002 and SO-2024-003?",
        "What's the status of order SO-2024-999?",
        "/stop What did I ask before?",
        "/regenerate",
        "Which orders do I have?",
        "/history",
        "/usage",
    ];

    private Queue<string>? _lines;

    public string? Next(string prompt)
    {
        _lines ??= Read();
        if (!_lines.TryDequeue(out var line))
            return null;

        Console.WriteLine($"{Environment.NewLine}{prompt}{line}");
        return line;
    }

    private Queue<string> Read()
    {
        var lines = new Queue<string>();
        while (input.ReadLine() is { } line)
            lines.Enqueue(line);
        return lines.Count > 0 ? lines : new Queue<string>(Script);
    }
}
