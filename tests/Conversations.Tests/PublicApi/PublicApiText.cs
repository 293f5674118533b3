using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Conversations.Tests.PublicApi;

/// <summary>The public API of an assembly as text: everything that an app can see, sorted, one line for each member.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // Members that the compiler adds to every record; they follow from the word "record".
    private static readonly string[] OfRecords = ["<Clone>$", "op_Equality", "op_Inequality", "PrintMembers", "get_EqualityContract", "EqualityContract"];

    public static string Of(Assembly assembly) => Of(assembly.GetExportedTypes());

    public static string Of(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types.OrderBy(TypeNames.Full, StringComparer.Ordinal))
        {
            text.Append(TypeLine(type)).Append('\n');
            foreach (var member in MemberLines(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string TypeLine(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            return "delegate " + MethodText.Signature(type.GetMethod("Invoke")!, TypeNames.Full(type));

        var parents = new List<string>();
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object))
            parents.Add(TypeNames.Of(parent));
        if (type.IsEnum)
            parents.Add(TypeNames.Of(Enum.GetUnderlyingType(type)));
        else
            parents.AddRange(OwnInterfaces(type).Select(TypeNames.Of).Order(StringComparer.Ordinal));

        return $"{KindOf(type)} {TypeNames.Full(type)}{(parents.Count == 0 ? "" : " : " + string.Join(", ", parents))}{TypeNames.Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<Type> OwnInterfaces(Type type) => type.GetInterfaces()
        .Except(type.BaseType?.GetInterfaces() ?? [])
        .Where(contract => contract.IsPublic || contract.IsNestedPublic);

    private static string KindOf(Type type)
    {
        if (type.IsInterface)
            return "interface";
        if (type.IsEnum)
            return "enum";
        if (type.IsValueType)
            return type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct";

        var kind = type.GetMethod("<Clone>$", Declared) is null ? "class" : "record";
        return type switch
        {
            { IsAbstract: true, IsSealed: true } => "static " + kind,
            { IsAbstract: true } => "abstract " + kind,
            { IsSealed: true } => "sealed " + kind,
            _ => kind,
        };
    }

    private static IEnumerable<string> MemberLines(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            yield break;

        foreach (var field in type.GetFields(Declared).Where(field => IsVisible(field) && !field.IsSpecialName))
            yield return MethodText.Field(field);
        foreach (var constructor in type.GetConstructors(Declared).Where(constructor => IsVisible(constructor) && !IsCopying(constructor)))
            yield return $"{MethodText.Access(constructor)}new({MethodText.Parameters(constructor)})";
        foreach (var property in type.GetProperties(Declared).Where(property => property.GetAccessors(nonPublic: true).Any(IsVisible) && !IsOfRecord(property)))
            yield return MethodText.Property(property);
        foreach (var happening in type.GetEvents(Declared).Where(happening => IsVisible(happening.AddMethod!)))
            yield return $"event {TypeNames.Of(happening.EventHandlerType!)} {happening.Name}";
        foreach (var method in type.GetMethods(Declared).Where(method => IsVisible(method) && !IsAccessor(method) && !IsOfRecord(method)))
            yield return MethodText.Method(method);
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsCopying(ConstructorInfo constructor) =>
        constructor.IsDefined(typeof(CompilerGeneratedAttribute)) && constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType;

    private static bool IsOfRecord(MemberInfo member) => OfRecords.Contains(member.Name, StringComparer.Ordinal)
        || (member.IsDefined(typeof(CompilerGeneratedAttribute)) && member is MethodInfo { Name: "Equals" or "GetHashCode" or "ToString" });
}
