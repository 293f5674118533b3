namespace Conversations;

/// <summary>Wraps lists before they leave the library.</summary>
internal static class ReadOnly
{
    /// <summary>Returns the list in a form that cannot be cast to one that can be changed. The items are not copied.</summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> items) => items switch
    {
        T[] array => Array.AsReadOnly(array),
        List<T> list => list.AsReadOnly(),
        _ => items,
    };
}
