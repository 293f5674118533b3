using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Pipeline;

/// <summary>Conversations, runs and prompts in a line of text.</summary>
internal static class PipelineText
{
    /// <summary>Describes what is stored. A call that is not to be invoked again is done.</summary>
    public static string Of(IEnumerable<StoredMessage> stored) =>
        string.Join(" | ", stored.Select(message => $"{(message.IsPartial ? "partial " : "")}{Of(message.ToChatMessage(), showsDone: true)}"));

    /// <summary>Describes a prompt.</summary>
    public static string Of(IEnumerable<ChatMessage> prompt) => string.Join(" | ", prompt.Select(message => Of(message, showsDone: false)));

    /// <summary>Describes runs: status, and tokens in and out.</summary>
    public static string Of(IEnumerable<ConversationRun> runs) => string.Join(", ", runs.OrderBy(run => run.Number).Select(run => $"{run.Status} {run.Usage?.InputTokens}+{run.Usage?.OutputTokens}"));

    private static string Of(ChatMessage message, bool showsDone) => $"{message.Role}: {string.Join(" ", message.Contents.Select(content => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"{call.Name}({(showsDone && call.InformationalOnly ? "done" : "")})",
        FunctionResultContent { Exception: null } result => $"= {result.Result}",
        FunctionResultContent result => $"failed {result.Result}",
        ToolApprovalRequestContent request => $"{((FunctionCallContent)request.ToolCall).Name}?",
        ToolApprovalResponseContent { Approved: true } => "yes",
        _ => content.GetType().Name,
    }))}";
}
