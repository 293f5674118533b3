namespace Conversations;

/// <summary>A path of names, and the way along it to a value.</summary>
internal sealed class TemplatePath(IReadOnlyList<string> names)
{
    /// <summary>The text at the end of the path, which may stand in a key.</summary>
    /// <exception cref="TemplateUnresolvedException">There is none.</exception>
    public string Read(object values, ReadProperty? readProperty)
    {
        var steps = 0;
        try
        {
            var value = Single(values, steps);
            foreach (var name in names)
            {
                steps++;
                var (isThere, member) = Member(value, name, steps, readProperty);
                value = Single(isThere ? member : throw Unresolved(steps, "is missing"), steps);
            }

            var text = ValueText.Of(value) ?? throw Unresolved(steps, "is a record, not a text, a number, a date or the like");
            return ValueText.ProblemOf(text) is { } problem ? throw Unresolved(steps, problem) : text;
        }
        catch (Exception exception) when (exception is not TemplateUnresolvedException)
        {
            // A property, a list or a document of the host's failed.
            throw Unresolved(steps, "could not be read", exception);
        }
    }

    private (bool IsThere, object? Value) Member(object record, string name, int steps, ReadProperty? readProperty)
    {
        if (ValueText.Of(record) is not null)
            throw Unresolved(steps - 1, "is a value, which has no properties");
        if (RecordMembers.IsDictionary(record))
            return RecordMembers.Entry(record, name);

        return readProperty?.Invoke(record, name) ?? throw Unresolved(steps - 1, "is an object, whose properties are read by Resolve(object) alone");
    }

    /// <summary>The value itself, or the first one of a list.</summary>
    private object Single(object? value, int steps)
    {
        var single = RecordMembers.Unwrap(value);
        if (RecordMembers.IsList(single))
        {
            // Two records whose bytes begin alike would share a key.
            if (single is IEnumerable<byte> or IEnumerable<char>)
                throw Unresolved(steps, "is bytes or characters, not a list of records");

            single = RecordMembers.TryGetFirst(single, out var first) ? RecordMembers.Unwrap(first) : throw Unresolved(steps, "is an empty list");
            if (RecordMembers.IsList(single))
                throw Unresolved(steps, "is a list of lists");
            if (RecordMembers.IsEntry(single))
                throw Unresolved(steps, "is a dictionary, but none of names to objects");
        }

        return single ?? throw Unresolved(steps, "is null");
    }

    private TemplateUnresolvedException Unresolved(int steps, string problem, Exception? cause = null) =>
        new(string.Join('.', names), steps == 0 ? $"what the paths begin at {problem}" : $"'{string.Join('.', names.Take(steps))}' {problem}", cause);
}
