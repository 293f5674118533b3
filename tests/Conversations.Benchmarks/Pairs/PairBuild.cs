using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Conversations.Benchmarks.Pairs;

/// <summary>Compiles the child program against a build of the library, in a folder with copies of the assemblies of that build.</summary>
internal static class PairBuild
{
    private const string Name = "PairChild";

    // Large assemblies of the benchmarks that no child loads.
    private static readonly string[] Unused = ["Microsoft.CodeAnalysis", "Microsoft.Diagnostics", "BenchmarkDotNet", "TraceReloggerLib", "Dia2Lib", "Iced", "Gee.", "Perfolizer"];

    /// <summary>Compiles the program.</summary>
    /// <param name="build">The folder with the assemblies of the library and of what it depends on.</param>
    /// <param name="folder">The folder in which the program is placed.</param>
    /// <returns>The path of the program.</returns>
    /// <exception cref="InvalidOperationException">The folder has no build of the library, or the program does not compile against it.</exception>
    public static string Make(string build, string folder)
    {
        if (!File.Exists(Path.Combine(build, "Conversations.dll")) || !File.Exists(Path.Combine(build, "Conversations.Sqlite.dll")))
            throw new InvalidOperationException($"{build} has no Conversations.dll and Conversations.Sqlite.dll.");

        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(build, "*.dll").Where(file => !Array.Exists(Unused, name => Path.GetFileName(file).StartsWith(name, StringComparison.Ordinal))))
            Copy(file, folder);

        // Without a list of dependencies the host finds all assemblies of the folder, and native libraries only in the folder itself.
        var native = Path.Combine(build, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        if (Directory.Exists(native))
        {
            foreach (var file in Directory.EnumerateFiles(native))
                Copy(file, folder);
        }

        var program = Path.Combine(folder, Name + ".dll");
        Compile(folder, program);
        File.Copy(FindRuntimeConfig(build), Path.Combine(folder, Name + ".runtimeconfig.json"));
        return program;
    }

    private static void Copy(string file, string folder) => File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);

    private static string FindRuntimeConfig(string build) =>
        Directory.EnumerateFiles(build, "*.runtimeconfig.json").FirstOrDefault()
        ?? Path.ChangeExtension(typeof(PairBuild).Assembly.Location, ".runtimeconfig.json");

    private static void Compile(string folder, string program)
    {
        // A build with the conditional-write contract lets the program count loads.
        var emitted = Emit(folder, program, ["LOADS"]);
        if (!emitted.Success)
            emitted = Emit(folder, program, []);
        if (!emitted.Success)
            throw new InvalidOperationException($"The child program does not compile against {folder}: {emitted.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)}");
    }

    private static Microsoft.CodeAnalysis.Emit.EmitResult Emit(string folder, string program, string[] symbols)
    {
        using var source = typeof(PairBuild).Assembly.GetManifestResourceStream("PairChild.cs")!;
        using var reader = new StreamReader(source);
        var tree = CSharpSyntaxTree.ParseText(reader.ReadToEnd(), new CSharpParseOptions(LanguageVersion.Latest, preprocessorSymbols: symbols));
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var references = Directory.EnumerateFiles(framework, "System*.dll").Append(Path.Combine(framework, "netstandard.dll"))
            .Concat(Directory.EnumerateFiles(folder, "Conversations*.dll").Where(file => !string.Equals(Path.GetFileName(file), "Conversations.Benchmarks.dll", StringComparison.Ordinal)))
            .Concat(Directory.EnumerateFiles(folder, "Microsoft.Extensions*.dll"))
            .Where(file => !Path.GetFileName(file).EndsWith(".Native.dll", StringComparison.Ordinal))
            .Select(file => MetadataReference.CreateFromFile(file));
        var options = new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable);
        return CSharpCompilation.Create(Name, [tree], references, options).Emit(program);
    }
}
