namespace ChatWithModel;

/// <summary>An order, as the function <c>get_order</c> returns it.</summary>
internal sealed record Order(string Id, string Item, string Status, string Ships)
{
    private static readonly Order[] Table =
    [
        new("SO-2024-001", "two desk lamps", "packed", "on Thursday 14 March"),
        new("SO-2024-002", "a standing desk", "waiting for a part", "in the week of 18 March"),
        new("SO-2024-003", "six chairs", "on its way", "today"),
    ];

    /// <summary>The numbers of all orders.</summary>
    public static string[] Numbers => [.. Table.Select(order => order.Id)];

    /// <summary>The order of that number; <see langword="null"/> if there is none.</summary>
    public static Order? Find(string id) => Array.Find(Table, order => order.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
