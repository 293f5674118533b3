using Conversations;

namespace ChatWithModel;

/// <summary>Writes to the console what is stored.</summary>
internal static class Screen
{
    /// <summary>Writes a message of any kind, part by part.</summary>
    public static void Write(StoredMessage message, string user)
    {
        var mark = message.IsSuperseded ? "  (replaced)" : "";
        var end = message.IsPartial ? $"  (stopped){mark}" : mark;
        foreach (var part in message.Parts)
        {
            Console.WriteLine(part switch
            {
                TextPart text when message.Role == MessageRole.User => $"  {user} > {text.Text}",
                TextPart text => $"  desk > {text.Text.TrimEnd()}{end}",
                ToolCallPart call => $"    calls   {call.Name} {call.Arguments}{mark}",
                ToolResultPart result => $"    {(result.IsError ? "error " : "result")}  {result.Content}{mark}",
                _ => $"    ({message.Kind})",
            });
        }
    }

    /// <summary>Writes what was used, on a line.</summary>
    public static void Write(string title, UsageTotals totals)
    {
        var unknown = totals.RunsWithoutCost == 0 ? "" : $", without {totals.RunsWithoutCost} whose cost is not known";
        Console.WriteLine(
            $"  {title}: {totals.Runs} requests, {totals.InputTokens} tokens in, {totals.OutputTokens} out, {totals.Cost:0.000000} dollars{unknown}; {totals.HistoryShare ?? 0:P0} of what was sent was history");
    }
}
