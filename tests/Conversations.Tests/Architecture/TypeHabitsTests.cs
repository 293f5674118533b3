using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Conversations.Tests.Architecture;

/// <summary>Habits that are read off the compiled libraries.</summary>
public sealed class TypeHabitsTests
{
    // Where an app looks for what it registers, and for what it adds to a pipeline of agents or chat clients or to its telemetry.
    private static readonly string[] Registration = ["Microsoft.Agents.AI", "Microsoft.Extensions.AI", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "OpenTelemetry.Metrics", "OpenTelemetry.Trace"];

    private static readonly string[] Namespaces = ["Conversations", "Conversations.Storage", "Conversations.StoreSpecification", .. Registration];

    // In the specification kit, a method that returns a task is a test and has the name of one.
    private static readonly string[] Packages = ["Conversations", "Conversations.Agents", "Conversations.Extensions.AI", "Conversations.Hosting", "Conversations.Sqlite", "Conversations.Tokenizers"];

    private static readonly string[] Libraries = [.. Packages, "Conversations.StoreSpecification"];

    [Fact]
    public void Public_types_are_in_the_namespace_of_their_audience()
    {
        var strays = PublicTypes(Libraries).Where(type => !Namespaces.Contains(type.Namespace, StringComparer.Ordinal));

        strays.Should().BeEmpty();
    }

    [Fact]
    public void Registration_namespaces_contain_only_extension_methods()
    {
        var others =
            from type in PublicTypes(Libraries)
            where Registration.Contains(type.Namespace, StringComparer.Ordinal)
            from member in type.GetMembers(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where !IsStatic(type) || !member.IsDefined(typeof(ExtensionAttribute))
            select $"{type.Name}.{member.Name}";

        others.Should().BeEmpty();
    }

    [Fact]
    public void Public_classes_are_sealed_unless_documented_as_base_classes()
    {
        // StoredMessage is the one type that extends a message.
        var open = PublicTypes(Libraries)
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false } && type != typeof(ConversationMessage) && !IsMadeToBeDerivedFrom(type))
            .Select(type => type.FullName);

        open.Should().BeEmpty();
    }

    [Fact]
    public void Asynchronous_methods_end_in_Async_and_take_a_token_last()
    {
        var methods = PublicTypes(Packages)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName && !IsOfAnotherLibrary(method) && !IsGenerated(method))
            .ToList();

        methods.Where(IsAsynchronous).Should().NotBeEmpty();
        methods.Where(method => IsAsynchronous(method) != method.Name.EndsWith("Async", StringComparison.Ordinal)).Select(Describe).Should().BeEmpty();

        // Recording a failure cannot be cancelled, because it follows a cancellation.
        methods.Where(method => IsAsynchronous(method) && !TakesTokenLast(method)).Select(Describe).Should().Equal("ConversationTurn.FailAsync");
    }

    [Fact]
    public void Public_types_of_the_library_are_found()
    {
        PublicTypes(["Conversations"]).Should().Contain(typeof(ConversationMessage)).And.HaveCountGreaterThan(40);
    }

    private static IEnumerable<Type> PublicTypes(IEnumerable<string> assemblies) =>
        assemblies.SelectMany(name => Assembly.Load(name).GetExportedTypes());

    private static bool IsStatic(Type type) => type is { IsAbstract: true, IsSealed: true };

    private static bool IsMadeToBeDerivedFrom(Type type)
    {
        var documentation = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
        return documentation.Descendants("member").Any(member =>
            string.Equals((string?)member.Attribute("name"), "T:" + type.FullName, StringComparison.Ordinal)
            && member.Value.Contains("derive from it", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Records_with_text_print_only_what_is_safe_to_log()
    {
        // By default, a record prints all of its members. These have no content.
        string[] harmless = ["Page`1", "MessageQuery", "TokenUsage", "ModelUsage", "BusyPolicy", "ConversationAccess", "ConversationListing",
            "ExcludedRange", "ListPosition", "MessageRange", "RunRange", "SegmentRange", "WindowSize", "ConversationState", "ConversationWrite", "PointerChange", "TokenRecount", "SupersededChange",
            "UsageTotals", "UsageQuery", "UsageReport", "UsageRow", "UsageSum", "StoreHealth", "DamagedData"];
        var chatty = typeof(Conversation).Assembly.GetExportedTypes()
            .Where(type => type.GetMethod("<Clone>$") is not null)
            .Where(type => type.GetMethod(nameof(ToString), [])!.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Where(type => type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance)!.IsDefined(typeof(CompilerGeneratedAttribute)));

        chatty.Select(type => type.Name).Should().BeSubsetOf(harmless);
    }

    private static bool IsAsynchronous(MethodInfo method)
    {
        var type = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericTypeDefinition() : method.ReturnType;
        return type == typeof(Task) || type == typeof(Task<>) || type == typeof(ValueTask) || type == typeof(ValueTask<>) || type == typeof(IAsyncEnumerable<>);
    }

    private static bool TakesTokenLast(MethodInfo method) =>
        method.GetParameters() is [.., { HasDefaultValue: true } last] && last.ParameterType == typeof(CancellationToken);

    /// <summary>A member that overrides or implements one of another library has the signature of that one.</summary>
    private static bool IsOfAnotherLibrary(MethodInfo method)
    {
        var type = method.DeclaringType!;
        return method.GetBaseDefinition().DeclaringType!.Assembly != type.Assembly
            || (!type.IsInterface && type.GetInterfaces()
                .Where(contract => contract.Assembly != type.Assembly && !contract.Namespace!.StartsWith("Conversations", StringComparison.Ordinal))
                .Any(contract => type.GetInterfaceMap(contract).TargetMethods.Contains(method)));
    }

    private static bool IsGenerated(MethodInfo method) => method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string Describe(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";
}
