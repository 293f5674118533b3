using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The calls of an answer that have no result, by which a client outside would learn of them.</summary>
internal sealed class UnansweredCalls
{
    private readonly List<FunctionCallContent> _calls = [];

    public void Add(AIContent content)
    {
        if (content is FunctionCallContent { InformationalOnly: false } call)
            _calls.Add(call);
        else if (content is FunctionResultContent result && _calls.FindIndex(call => string.Equals(call.CallId, result.CallId, StringComparison.Ordinal)) is var first and >= 0)
            _calls.RemoveAt(first);
    }

    /// <summary>Throws if a call is left to a client outside although its function requires an approval: that client would invoke the function as the response describes it, before the response is compared with the stored request.</summary>
    public void ThrowIfApprovalWasNotRequested(ChatOptions? options)
    {
        var guarded = options?.Tools?.Where(static tool => tool.GetService<ApprovalRequiredAIFunction>() is not null).Select(static tool => tool.Name).ToHashSet(StringComparer.Ordinal);
        if (guarded is not null && _calls.Exists(call => guarded.Contains(call.Name)))
            throw new InvalidOperationException("The model called a function that requires an approval, and the inner client did not ask for it. Put the client that calls functions inside: new FunctionInvokingChatClient(client).WithConversations(...).");
    }
}
