namespace Conversations.Tests.Architecture;

/// <summary>References between the folders of the core run one way only. Namespaces do not follow folders, so the source is read.</summary>
public sealed class LayersTests
{
    private static readonly string[] Folders =
    [
        "Model", "Identity", "Storage", "History", "Rules",
        "Turns/Planning", "Turns/Engine", "Turns/Leases", "Turns/Queue", "Turns/Windows", "Turns/Branches", "Turns/Streaming", "Turns/Summaries", "Turns",
        "", "DependencyInjection",
    ];

    private static readonly Layers Core = new(Folders, leaf: "Diagnostics");

    [Fact]
    public void Core_has_only_references_that_the_table_allows()
    {
        var files = Repository.SourceFiles("src/Conversations").ToDictionary(
            file => Repository.Relative(file)["src/Conversations/".Length..],
            File.ReadAllText,
            StringComparer.Ordinal);

        files.Should().HaveCountGreaterThan(30);
        Core.Violations(files).Should().BeEmpty();
    }

    [Fact]
    public void Reference_to_a_later_folder_is_reported_with_file_and_line()
    {
        var files = Files(
            ("Model/Message.cs", "namespace X;\n\npublic sealed record Message(Store Store);\n"),
            ("Storage/Store.cs", "namespace X;\npublic class Store;\n"));

        Core.Violations(files).Should().Equal(
            "Model/Message.cs:3: Model must not use Store of Storage",
            "Model/Message.cs:3: Model must not use Store of Storage");
    }

    [Theory]
    [InlineData("public interface ILater;", "ILater")]
    [InlineData("public record struct Later(int Value);", "Later")]
    [InlineData("internal readonly record struct Later;", "Later")]
    [InlineData("public enum Later { One }", "Later")]
    [InlineData("public sealed class Later<T> : List<T> { }", "Later")]
    [InlineData("public delegate Task<int> Later(int value);", "Later")]
    [InlineData("public static class Later\n{\n}", "Later")]
    public void Reference_is_found_for_every_kind_of_type(string declaration, string name)
    {
        var files = Files(("Turns/Later.cs", declaration), ("History/Early.cs", $"class Early {{ object x = typeof({name}); }}"));

        Core.Violations(files).Should().Equal($"History/Early.cs:1: History must not use {name} of Turns");
    }

    [Fact]
    public void Root_is_between_turns_and_dependency_injection()
    {
        var files = Files(
            ("Manager.cs", "class Manager { Turn t; Setup s; }"),
            ("Turns/Turn.cs", "class Turn { Manager m; }"),
            ("DependencyInjection/Setup.cs", "class Setup { Manager m; Turn t; }"));

        Core.Violations(files).Should().Equal(
            "Manager.cs:1: the root must not use Setup of DependencyInjection",
            "Turns/Turn.cs:1: Turns must not use Manager of the root");
    }

    [Fact]
    public void Parts_of_a_folder_are_ordered_and_below_the_folder()
    {
        var files = Files(
            ("Turns/Engine/Engine.cs", "class Engine { Plan p; Lease l; Turn t; }"),
            ("Turns/Leases/Deep/Lease.cs", "class Lease { Engine e; }"),
            ("Turns/Planning/Plan.cs", "class Plan { Engine e; }"),
            ("Turns/Turn.cs", "class Turn { Lease l; Plan p; }"));

        Core.Violations(files).Should().Equal(
            "Turns/Engine/Engine.cs:1: Turns/Engine must not use Lease of Turns/Leases",
            "Turns/Engine/Engine.cs:1: Turns/Engine must not use Turn of Turns",
            "Turns/Planning/Plan.cs:1: Turns/Planning must not use Engine of Turns/Engine");
    }

    [Fact]
    public void Every_folder_may_use_the_leaf_and_the_leaf_uses_none()
    {
        var files = Files(
            ("Model/Message.cs", "class Message { Log l; }"),
            ("Diagnostics/Log.cs", "class Log { Message m; Log l; }"));

        Core.Violations(files).Should().Equal("Diagnostics/Log.cs:1: Diagnostics must not use Message of Model");
    }

    [Fact]
    public void Comments_strings_and_nested_types_are_not_references()
    {
        var files = Files(
            ("Model/Message.cs", "/// <see cref=\"Store\"/>\nclass Message { string x = \"Store\"; int Row; } // Store"),
            ("Storage/Store.cs", "class Store { private sealed class Row; }"));

        Core.Violations(files).Should().BeEmpty();
    }

    [Fact]
    public void Folder_is_reported_when_it_is_not_in_the_table()
    {
        Core.Violations(Files(("Helpers/Helper.cs", "class Helper;"))).Should().Equal("Helpers/Helper.cs: its folder is not in the table");
    }

    private static Dictionary<string, string> Files(params (string Path, string Source)[] files) =>
        files.ToDictionary(file => file.Path, file => file.Source, StringComparer.Ordinal);
}
