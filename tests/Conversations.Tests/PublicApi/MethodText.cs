using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Conversations.Tests.PublicApi;

/// <summary>How members are written.</summary>
internal static class MethodText
{
    public static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        return Modifiers(method) + Signature(method, method.Name + generic) + TypeNames.Constraints(method.IsGenericMethod ? method.GetGenericArguments() : []);
    }

    public static string Signature(MethodInfo method, string name)
    {
        var extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"{TypeNames.Of(method.ReturnParameter)} {name}({extension}{Parameters(method)})";
    }

    public static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    public static string Property(PropertyInfo property)
    {
        var accessor = property.GetAccessors(nonPublic: true)[0];
        var indices = string.Join(", ", property.GetIndexParameters().Select(Parameter));
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{Modifiers(accessor)}{required}{TypeNames.Of(property)} {property.Name}{(indices.Length == 0 ? "" : $"[{indices}]")} {{ {Accessors(property)} }}";
    }

    public static string Field(FieldInfo field)
    {
        if (field.DeclaringType!.IsEnum)
            return $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)}";

        var kind = field switch { { IsLiteral: true } => "const ", { IsStatic: true } => "static ", _ => "" };
        return $"{kind}{(field.IsInitOnly ? "readonly " : "")}{TypeNames.Of(field)} {field.Name}{(field.IsLiteral ? " = " + Constant(field.GetRawConstantValue(), field.FieldType) : "")}";
    }

    public static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return "";

        var kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true } when method.GetBaseDefinition() != method => method.IsFinal ? "sealed override " : "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return Access(method) + kind;
    }

    private static string Accessors(PropertyInfo property)
    {
        var accessors = new List<string>();
        if (property.GetMethod is { } get && (get.IsPublic || get.IsFamily))
            accessors.Add("get;");
        if (property.SetMethod is { } set && (set.IsPublic || set.IsFamily))
        {
            var isInit = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            accessors.Add((set.IsPublic ? "" : "protected ") + (isInit ? "init;" : "set;"));
        }

        return string.Join(' ', accessors);
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var direction = parameter switch
        {
            { IsOut: true } => "out ",
            { IsIn: true, ParameterType.IsByRef: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) => "params ",
            _ => "",
        };
        var value = parameter.HasDefaultValue ? " = " + Constant(parameter.RawDefaultValue, parameter.ParameterType) : "";
        return $"{direction}{TypeNames.Of(parameter)} {parameter.Name}{value}";
    }

    private static string Constant(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ when type.IsEnum => $"{type.Name}.{Enum.ToObject(type, value)}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
