using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>The base of the tests of approvals: the client that calls functions is that of Microsoft.Extensions.AI. The model makes the calls that the test sets, always with the same call id, and comments on results.</summary>
public abstract class ApprovalTest : ChatClientTest
{
    protected ApprovalTest()
    {
        Guarded = new FunctionInvokingChatClient(Model).WithConversations(Alice, "bot");
        Model.Answer = (prompt, _) => Task.FromResult(new ChatResponse(Next(prompt)));
    }

    /// <summary>The client that calls functions, with conversations around it.</summary>
    protected ConversationChatClient Guarded { get; }

    /// <summary>What ran, in order.</summary>
    protected List<string> Ran { get; } = [];

    /// <summary>The calls that the model makes for a user's message.</summary>
    protected List<FunctionCallContent> Calls { get; } = [Call("delete", "a")];

    protected static FunctionCallContent Call(string name, string file, string id = "call_0") => new(id, name, new Dictionary<string, object?> { ["file"] = file });

    protected ConversationChatOptions Options(string? conversationId = null, string? key = null) => new()
    {
        ConversationId = conversationId,
        IdempotencyKey = key,
        Tools =
        [
            new ApprovalRequiredAIFunction(AIFunctionFactory.Create((string file) => Run("delete", file), "delete")),
            AIFunctionFactory.Create((string file) => Run("read", file), "read"),
        ],
    };

    protected async Task<(ChatResponse Response, List<ToolApprovalRequestContent> Requests)> RequestAsync(bool streamed = false, string text = "Clean up.", string? conversationId = null)
    {
        var response = await SendAsync(Guarded, streamed, [User(text)], Options(conversationId));
        return (response, RequestsOf(response));
    }

    protected Task<ChatResponse> RespondAsync(string? conversationId, params IEnumerable<AIContent> responses) => RespondAsync(streamed: false, conversationId, responses);

    protected Task<ChatResponse> RespondAsync(bool streamed, string? conversationId, params IEnumerable<AIContent> responses) =>
        SendAsync(Guarded, streamed, [new ChatMessage(ChatRole.User, [.. responses])], Options(conversationId));

    protected static List<ToolApprovalRequestContent> RequestsOf(ChatResponse response) => [.. response.Messages.SelectMany(message => message.Contents).OfType<ToolApprovalRequestContent>()];

    /// <summary>Asserts that a request is refused, that nothing ran, that the model was not asked and that nothing was written.</summary>
    protected async Task RefusesAsync(string? conversationId, Func<Task> send)
    {
        var (ran, asked, stored) = (Ran.Count, Model.Requests.Count, await EverythingAsync(conversationId));

        (await send.Should().ThrowAsync<ToolCallNotOpenException>()).Which.Code.Should().Be("CALL_NOT_OPEN");

        (Ran.Count, Model.Requests.Count).Should().Be((ran, asked));
        (await EverythingAsync(conversationId)).Should().Equal(stored);
    }

    protected async Task<List<RunStatus>> StatusesAsync(string? conversationId) =>
        await Manager.GetRunsAsync(conversationId!, Cancellation).Select(run => run.Status).ToListAsync(Cancellation);

    private async Task<List<object>> EverythingAsync(string? conversationId) =>
    [
        .. await ConversationsAsync(),
        .. await StoredAsync(conversationId),
        .. await Manager.GetRunsAsync(conversationId!, Cancellation).ToListAsync(Cancellation),
    ];

    private ChatMessage Next(IReadOnlyList<ChatMessage> prompt) => prompt[^1].Role == ChatRole.Tool
        ? new ChatMessage(ChatRole.Assistant, "Done.")
        : new ChatMessage(ChatRole.Assistant, [new TextContent("Let me see."), .. Calls]);

    private string Run(string name, string file)
    {
        lock (Ran)
            Ran.Add($"{name} {file}");
        return "ok";
    }
}
