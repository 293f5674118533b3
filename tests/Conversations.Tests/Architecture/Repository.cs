namespace Conversations.Tests.Architecture;

/// <summary>The files of this repository, found from where the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The pages: the Markdown files of the root, of docs and of the packages.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. Directory.GetFiles(Root, "*.md"),
        .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories),
        .. Directory.GetFiles(Path.Combine(Root, "src"), "README.md", SearchOption.AllDirectories),
    ];

    /// <summary>The C# files below a folder of the repository, without what the build wrote; none if there is no such folder.</summary>
    public static IReadOnlyList<string> SourceFiles(string folder)
    {
        var path = Path.Combine(Root, folder);
        if (!Directory.Exists(path))
            return [];

        return [.. Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories).Where(IsWrittenByHand).Order(StringComparer.Ordinal)];
    }

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static bool IsWrittenByHand(string file) =>
        !Relative(file).Split('/').Any(folder => folder is "bin" or "obj");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Conversations.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run within the repository.");
    }
}
