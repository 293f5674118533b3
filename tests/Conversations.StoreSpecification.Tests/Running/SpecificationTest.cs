using System.Reflection;
using System.Reflection.Emit;

namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>A test of the kit with a fixture: a method, and one row of data if it is a theory.</summary>
internal sealed class SpecificationTest
{
    // The specifications are abstract, so a class is derived from each, as the author of a store does.
    private static readonly ModuleBuilder Derived = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("DerivedSpecifications"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("DerivedSpecifications");

    private static readonly Lock Gate = new();
    private static int _lastDerived;

    private readonly MethodInfo _method;
    private readonly object?[] _row;

    private SpecificationTest(Type specification, MethodInfo method, object?[] row)
    {
        Specification = specification;
        _method = method;
        _row = row;
        Rules = method.GetCustomAttribute<RuleAttribute>()!.Numbers;
        Name = NameOf(specification, method);
    }

    /// <summary>Gets the specification as an open generic type.</summary>
    public Type Specification { get; }

    public IReadOnlyList<string> Rules { get; }

    /// <summary>Gets the name of the specification and the method. All rows of a theory share it.</summary>
    public string Name { get; }

    /// <summary>Gets whether the test writes megabytes.</summary>
    public bool IsLarge => _row is [string name, ..] && name.Contains("megabytes", StringComparison.Ordinal);

    /// <summary>Returns all tests of the kit that a fixture can run.</summary>
    public static IReadOnlyList<SpecificationTest> AllOf(Type fixture)
    {
        var tests = new List<SpecificationTest>();
        foreach (var specification in StoreSpecificationCoverage.Specifications)
        {
            if (!CanRunOver(fixture, specification))
                continue;

            var derived = Derive(specification.MakeGenericType(fixture));
            foreach (var method in MethodsOf(derived))
                tests.AddRange(RowsOf(method).Select(row => new SpecificationTest(specification, method, row)));
        }

        return tests;
    }

    /// <summary>Returns the names of the tests of a specification.</summary>
    public static IEnumerable<string> NamesOf(Type specification) => MethodsOf(specification).Select(method => NameOf(specification, method));

    /// <summary>Runs the test as xunit does.</summary>
    /// <param name="limit">The time after which the test fails.</param>
    /// <returns>The exception; <see langword="null"/> if the test passed.</returns>
    public async Task<Exception?> RunAsync(TimeSpan limit)
    {
        var instance = (IAsyncLifetime)Activator.CreateInstance(_method.ReflectedType!)!;
        var failure = await CatchAsync(() => Task.Run(() => InvokeAsync(instance)).WaitAsync(limit, TimeProvider.System));

        // A test that does not end may call its store repeatedly. The disposal of the store ends that.
        var end = await CatchAsync(() => instance.DisposeAsync().AsTask());
        return failure ?? end;
    }

    public override string ToString() => $"{Name}({string.Join(", ", _row)})";

    private static IEnumerable<MethodInfo> MethodsOf(Type specification) =>
        specification.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true));

    private static string NameOf(Type specification, MethodInfo method) => $"{specification.Name.Split('`')[0]}.{method.Name}";

    /// <summary>Returns whether a fixture fulfills the constraints of a specification.</summary>
    private static bool CanRunOver(Type fixture, Type specification) =>
        Array.TrueForAll(specification.GetGenericArguments()[0].GetGenericParameterConstraints(), constraint => constraint.IsAssignableFrom(fixture));

    private static Type Derive(Type specification)
    {
        lock (Gate)
        {
            var derived = Derived.DefineType($"Derived{++_lastDerived}", TypeAttributes.Public | TypeAttributes.Sealed, specification);
            derived.DefineDefaultConstructor(MethodAttributes.Public);
            return derived.CreateType();
        }
    }

    private static IEnumerable<object?[]> RowsOf(MethodInfo method)
    {
        if (method.GetParameters().Length == 0)
            return [[]];

        var inline = method.GetCustomAttributes<InlineDataAttribute>().Select(data => data.Data);
        var members = method.GetCustomAttributes<MemberDataAttribute>().SelectMany(data => RowsOf(method.ReflectedType!, data.MemberName));
        return [.. inline, .. members];
    }

    private static IEnumerable<object?[]> RowsOf(Type specification, string member)
    {
        var property = specification.GetProperty(member, BindingFlags.Public | BindingFlags.Static | BindingFlags.FlattenHierarchy)!;
        return ((IEnumerable<ITheoryDataRow>)property.GetValue(null)!).Select(row => row.GetData());
    }

    private static async Task<Exception?> CatchAsync(Func<Task> action)
    {
        try
        {
            await action();
            return null;
        }
        catch (Exception exception)
        {
            return exception is TargetInvocationException { InnerException: { } inner } ? inner : exception;
        }
    }

    private async Task InvokeAsync(IAsyncLifetime instance)
    {
        await instance.InitializeAsync();
        switch (_method.Invoke(instance, _row))
        {
            case Task task:
                await task;
                break;
            case ValueTask task:
                await task;
                break;
            default:
                break;
        }
    }
}
