using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Conversations;

/// <summary>Reads the settings of a section by their names, without reflection. What is not read, or cannot be, is a failure with its path.</summary>
/// <param name="section">The section.</param>
/// <param name="failures">The failures, for all sections together.</param>
internal sealed class SettingsReader(IConfiguration section, List<string> failures)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a value, if there is one.</summary>
    public void Read<T>(string name, Action<T> set)
        where T : IParsable<T>
    {
        if (TextOf(name) is not { } text)
            return;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value))
            set(value);
        else
            Fail(name, $"cannot be read as {typeof(T).Name}");
    }

    /// <summary>Reads a value that must be there.</summary>
    public void ReadRequired<T>(string name, Action<T> set)
        where T : IParsable<T>
    {
        if (Find(name) is null)
            Fail(name, "is missing");
        Read(name, set);
    }

    /// <summary>Reads the name of a value of an enumeration, if there is one.</summary>
    public void ReadEnum<T>(string name, Action<T> set)
        where T : struct, Enum
    {
        if (TextOf(name) is not { } text)
            return;
        if (Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value))
            set(value);
        else
            Fail(name, $"is none of {string.Join(", ", Enum.GetNames<T>())}");
    }

    /// <summary>Reads a value by a function that returns null for what it cannot read.</summary>
    public void Read<T>(string name, Func<string, T?> parse, string expected, Action<T> set)
        where T : class
    {
        if (TextOf(name) is not { } text)
            return;
        if (parse(text) is { } value)
            set(value);
        else
            Fail(name, $"is not {expected}");
    }

    /// <summary>Reads a list of texts, if there is one. An empty value is an empty list.</summary>
    public void ReadList(string name, Action<IList<string>> set)
    {
        var list = Find(name);
        if (list is not null)
            set([.. list.GetChildren().Select(static item => item.Value ?? "")]);
    }

    /// <summary>Reads a section with other settings, if there is one.</summary>
    public void ReadSection(string name, Action<SettingsReader> read)
    {
        if (Find(name) is not { } child)
            return;
        var reader = new SettingsReader(child, failures);
        read(reader);
        reader.FailUnknown();
    }

    /// <summary>Reads sections by names that the host chose.</summary>
    public void ReadSections(string name, Action<string, SettingsReader> read)
    {
        if (Find(name) is not { } parent)
            return;
        foreach (var child in parent.GetChildren())
        {
            var reader = new SettingsReader(child, failures);
            if (reader.TryRead(() => read(child.Key, reader)))
                reader.FailUnknown();
        }
    }

    /// <summary>Reads values by names that the host chose.</summary>
    public void ReadEnums<T>(string name, Action<string, T> set)
        where T : struct, Enum
    {
        if (Find(name) is not { } parent)
            return;
        var reader = new SettingsReader(parent, failures);
        foreach (var child in parent.GetChildren())
            reader.ReadEnum<T>(child.Key, value => set(child.Key, value));
    }

    /// <summary>Records that a setting, if it is there, can be set in code only.</summary>
    public void RefuseObject(string name)
    {
        if (Find(name) is not null)
            Fail(name, "is an object, which a configuration cannot create. Set it in code");
    }

    /// <summary>Records every setting that was not read.</summary>
    public void FailUnknown()
    {
        foreach (var child in section.GetChildren().Where(child => !_known.Contains(child.Key)))
            Fail(child.Key, "is not known. Known are: " + string.Join(", ", _known.Order(StringComparer.Ordinal)));
    }

    private string? TextOf(string name) => Find(name)?.Value;

    private IConfigurationSection? Find(string name)
    {
        _known.Add(name);
        return section.GetSection(name) is var child && child.Exists() ? child : null;
    }

    private bool TryRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (ArgumentException exception)
        {
            // The name is none that the options accept.
            failures.Add($"{(section as IConfigurationSection)?.Path}: {exception.Message}");
            return false;
        }
    }

    private void Fail(string name, string why) => failures.Add($"{section.GetSection(name).Path} {why}.");
}
