namespace Conversations;

/// <summary>The values of <c>type</c> that distinguish stored parts.</summary>
internal static class PartTypes
{
    public const string Text = "text";
    public const string Reasoning = "reasoning";
    public const string ToolCall = "tool_call";
    public const string ToolResult = "tool_result";
    public const string Data = "data";
    public const string Error = "error";
    public const string ApprovalRequest = "approval_request";
    public const string ApprovalResponse = "approval_response";

    /// <summary>The content of Conversations.Extensions.AI, which is a raw part to the library.</summary>
    public const string OfAdapter = "ai_content";

    /// <summary>Returns whether the library has a class for the type.</summary>
    public static bool IsKnown(string type) => type is Text or Reasoning or ToolCall or ToolResult or Data or Error or ApprovalRequest or ApprovalResponse;
}
