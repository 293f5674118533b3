namespace Conversations;

/// <summary>The values of <c>type</c> that distinguish stored parts.</summary>
internal static class PartTypes
{
    public const string Text = "text";
    public const string Reasoning = "reasoning";
    public const string ToolCall = "tool_call";
    public const string ToolResult = "tool_result";
    public const string Error = "error";

    public static bool IsKnown(string type) => type is Text or Reasoning or ToolCall or ToolResult or Error;
}
