using System.Text.RegularExpressions;

namespace Conversations.Tests.Architecture;

/// <summary>Compares code with a table of folders: each may use itself and those before it, and the leaf, which uses nothing but itself.</summary>
/// <param name="order">The folders, the lowest first; the empty text is the root.</param>
/// <param name="leaf">The folder that anyone may use.</param>
internal sealed partial class Layers(IReadOnlyList<string> order, string leaf)
{
    /// <summary>What breaks the table: file, line, and the type that must not be named there.</summary>
    /// <param name="files">The source of each file, by its path from the root with '/'.</param>
    public IReadOnlyList<string> Violations(IReadOnlyDictionary<string, string> files)
    {
        var code = files.ToDictionary(file => file.Key, file => CodeText.Of(file.Value), StringComparer.Ordinal);
        var unknown = code.Keys
            .Where(file => FolderOf(file) is var folder && !order.Contains(folder, StringComparer.Ordinal) && !IsLeaf(folder))
            .Select(file => $"{file}: its folder is not in the table");
        var homes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (file, text) in code.OrderBy(file => Rank(FolderOf(file.Key))))
        {
            foreach (var type in DeclaredTypes(text))
                homes.TryAdd(type, FolderOf(file));
        }

        return [.. unknown, .. code.OrderBy(file => file.Key, StringComparer.Ordinal).SelectMany(file => ViolationsIn(file.Key, file.Value, homes))];
    }

    private IEnumerable<string> ViolationsIn(string file, string code, Dictionary<string, string> homes)
    {
        var from = FolderOf(file);
        var line = 0;
        foreach (var text in code.Split('\n'))
        {
            line++;
            foreach (var identifier in Identifier().Matches(text).Select(match => match.Value))
            {
                if (homes.TryGetValue(identifier, out var to) && !MayUse(from, to))
                    yield return $"{file}:{line}: {Name(from)} must not use {identifier} of {Name(to)}";
            }
        }
    }

    private bool MayUse(string from, string to) =>
        string.Equals(from, to, StringComparison.Ordinal) || IsLeaf(to) || (!IsLeaf(from) && Rank(to) < Rank(from));

    private int Rank(string folder)
    {
        for (var rank = 0; rank < order.Count; rank++)
        {
            if (string.Equals(order[rank], folder, StringComparison.Ordinal))
                return rank;
        }

        return -1;
    }

    private bool IsLeaf(string folder) => string.Equals(folder, leaf, StringComparison.Ordinal);

    /// <summary>The folder of the table that a file is in: a part of a folder has a row of its own, or belongs to the whole.</summary>
    private string FolderOf(string file)
    {
        for (var end = file.LastIndexOf('/'); end > 0; end = file.LastIndexOf('/', end - 1))
        {
            if (IsLeaf(file[..end]) || order.Contains(file[..end], StringComparer.Ordinal))
                return file[..end];
        }

        return file.Contains('/', StringComparison.Ordinal) ? file[..file.IndexOf('/', StringComparison.Ordinal)] : "";
    }

    private static string Name(string folder) => folder.Length == 0 ? "the root" : folder;

    /// <summary>The types declared outside any other: nested ones are their owner's own affair.</summary>
    private static IEnumerable<string> DeclaredTypes(string code)
    {
        var depths = new int[code.Length];
        var depth = 0;
        for (var at = 0; at < code.Length; at++)
        {
            depth -= code[at] == '}' ? 1 : 0;
            depths[at] = depth;
            depth += code[at] == '{' ? 1 : 0;
        }

        return Declaration().Matches(code).Where(match => depths[match.Index] == 0).Select(match => match.Groups["name"].Value);
    }

    [GeneratedRegex(@"\b(?:(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+|delegate\s+[^;{(]*?\s)(?<name>[A-Z]\w*)\s*(?=[<({:;\s])", RegexOptions.ExplicitCapture, 5_000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Z]\w*", RegexOptions.None, 5_000)]
    private static partial Regex Identifier();
}
