namespace Conversations;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record Page<T>
{
    /// <summary>Creates a page.</summary>
    /// <param name="items">The items of the page, in order.</param>
    /// <param name="nextCursor">The cursor of the next page; <see langword="null"/> on the last one.</param>
    public Page(IReadOnlyList<T> items, string? nextCursor)
    {
        ArgumentNullException.ThrowIfNull(items);
        Items = ReadOnly.Of(items);
        NextCursor = nextCursor;
    }

    /// <summary>Gets the items of the page, in order.</summary>
    public IReadOnlyList<T> Items { get; }

    /// <summary>Gets the cursor of the next page; <see langword="null"/> on the last page.</summary>
    public string? NextCursor { get; }
}
