using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace ChatWithModel;

/// <summary>The agent: its instructions, and the functions that it can call.</summary>
internal static class OrderDesk
{
    /// <summary>Its name.</summary>
    public const string Agent = "order-desk";

    /// <summary>The instructions at the beginning of each prompt.</summary>
    public const string SystemPrompt =
        "You are the order desk of a furniture shop. Look orders up with your functions; do not guess. "
        + "The conversation contains what you have looked up before: do not look it up again. Answer in one or two plain sentences, without markup.";

    /// <summary>The functions.</summary>
    public static IList<AITool> Functions { get; } =
    [
        AIFunctionFactory.Create(GetOrder, "get_order"),
        AIFunctionFactory.Create(ListOrders, "list_orders"),
    ];

    [Description("Looks up one order: its item, its status and when it ships.")]
    private static Order GetOrder([Description("The number of the order, such as SO-2024-001.")] string id) =>
        Order.Find(id) ?? throw new KeyNotFoundException($"There is no order {id}.");

    [Description("Lists the numbers of the customer's orders.")]
    private static string[] ListOrders() => Order.Numbers;
}
