using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CollectExamples;

/// <summary>Writes code blocks as one source file: the statements of each block as a method of a class, its types beside that class, in the namespace of the page.</summary>
/// <remarks>Blocks of a page share their types, not their variables: what a block does not declare is a member of <c>PageContext</c> of Conversations.Guide, or of the
/// class with that name in the namespace of the page. The compiler reports lines of the page.</remarks>
internal static partial class GuideSource
{
    private const string Root = "Guide";

    public static string Of(string root, IReadOnlyList<CodeBlock> blocks)
    {
        var source = new StringBuilder("#nullable enable\n");
        foreach (var line in blocks.SelectMany(block => block.Code).Where(IsUsing).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            source.Append(line).Append('\n');
        foreach (var block in blocks)
            Append(source, root, block, block.Code.Select((line, i) => (line, i)).Where(static line => IsAssemblyAttribute(line.line)));
        foreach (var block in blocks)
            AppendBlock(source, root, block);

        source.Append(CultureInfo.InvariantCulture, $"#line default\nnamespace {Root}\n{{\n    public static partial class Examples\n    {{\n");
        source.Append("        public static IReadOnlyList<Example> All { get; } =\n        [\n");
        foreach (var block in blocks)
        {
            var output = block.Output is null ? "null" : Literal(string.Concat(block.Output.Select(static line => $"{line}\n")));
            source.Append(CultureInfo.InvariantCulture, $"            new({Literal(block.Page)}, {block.Line}, {output}, static () => new {Root}.{NamespaceOf(block)}.{ClassOf(block)}()),\n");
        }

        return source.Append("        ];\n    }\n}\n").ToString();
    }

    private static void AppendBlock(StringBuilder source, string root, CodeBlock block)
    {
        var lines = block.Code.Select((line, i) => (line, i)).Where(static line => !IsUsing(line.line) && !IsAssemblyAttribute(line.line)).ToList();
        var types = lines.FindIndex(static line => StartOfType().IsMatch(line.line));
        types = types < 0 ? lines.Count : types;
        source.Append(CultureInfo.InvariantCulture, $"#line default\nnamespace {Root}.{NamespaceOf(block)}\n{{\n");
        source.Append(CultureInfo.InvariantCulture, $"    internal sealed partial class {ClassOf(block)} : PageContext\n    {{\n        public override async Task RunAsync()\n        {{\n");
        Append(source, root, block, lines.Take(types));
        source.Append("#line default\n        }\n    }\n");
        Append(source, root, block, lines.Skip(types));
        source.Append("#line default\n}\n");
    }

    private static void Append(StringBuilder source, string root, CodeBlock block, IEnumerable<(string Line, int Index)> lines)
    {
        var next = -1;
        foreach (var (line, index) in lines)
        {
            if (index != next)
                source.Append(CultureInfo.InvariantCulture, $"#line {block.Line + index} \"{Path.Combine(root, block.Page)}\"\n");
            source.Append(line).Append('\n');
            next = index + 1;
        }
    }

    // using System.Text.Json; but not using var file = …;
    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && line.IndexOf(' ', "using ".Length) < 0;

    private static bool IsAssemblyAttribute(string line) => line.StartsWith("[assembly:", StringComparison.Ordinal);

    // docs/guide/write-a-store.md is WriteAStore, README.md is README, src/Conversations.Sqlite/README.md is ConversationsSqliteREADME.
    private static string NamespaceOf(CodeBlock block)
    {
        var page = Path.ChangeExtension(block.Page.Replace('\\', '/'), null).Replace("docs/guide/", "", StringComparison.Ordinal).Replace("src/", "", StringComparison.Ordinal);
        return string.Concat(page.Split(['/', '-', '.']).Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static string ClassOf(CodeBlock block) => string.Create(CultureInfo.InvariantCulture, $"Line{block.Line}");

    private static string Literal(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"^((public|internal|sealed|abstract|static|partial) )*(class|record|struct|interface|enum) |^\[[A-Z]|^///", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StartOfType();
}
