using System.Reflection;

namespace Conversations.Tests.PublicApi;

/// <summary>How types are written: as in C#, with a question mark where a reference may be null.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(char)] = "char",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>The name of a public type with its namespace and, nested, its owner.</summary>
    public static string Full(Type type) => type.IsNested ? $"{Full(type.DeclaringType!)}.{Of(type)}" : $"{type.Namespace}.{Of(type)}";

    public static string Of(Type type) => Write(type, nullability: null);

    public static string Of(ParameterInfo parameter) => Write(Unwrapped(parameter.ParameterType), new NullabilityInfoContext().Create(parameter));

    public static string Of(PropertyInfo property) => Write(property.PropertyType, new NullabilityInfoContext().Create(property));

    public static string Of(FieldInfo field) => Write(field.FieldType, new NullabilityInfoContext().Create(field));

    /// <summary>The where clauses of generic parameters; empty if there are none.</summary>
    public static string Constraints(IEnumerable<Type> arguments) => string.Concat(
        from argument in arguments
        where argument.IsGenericParameter
        let attributes = argument.GenericParameterAttributes
        let all = argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Of)
            .Concat(attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : [])
            .Concat(attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint) ? ["struct"] : [])
            .Concat((attributes & (GenericParameterAttributes.DefaultConstructorConstraint | GenericParameterAttributes.NotNullableValueTypeConstraint)) == GenericParameterAttributes.DefaultConstructorConstraint ? ["new()"] : [])
            .ToList()
        where all.Count > 0
        select $" where {argument.Name} : {string.Join(", ", all)}");

    private static Type Unwrapped(Type type) => type.IsByRef ? type.GetElementType()! : type;

    private static string Write(Type type, NullabilityInfo? nullability)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Write(underlying, nullability: null) + "?";

        // Of a type parameter it is not known: an argument may be a reference that may be null.
        var mark = type is { IsValueType: false, IsGenericParameter: false } && (nullability?.ReadState == NullabilityState.Nullable || nullability?.WriteState == NullabilityState.Nullable) ? "?" : "";
        if (type.IsArray)
            return $"{Write(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword + mark;
        if (!type.IsGenericType)
            return type.Name + mark;

        var arguments = type.GetGenericArguments();
        var known = nullability?.GenericTypeArguments ?? [];
        var names = arguments.Select((argument, index) => Write(argument, index < known.Length ? known[index] : null));
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", names)}>{mark}";
    }
}
