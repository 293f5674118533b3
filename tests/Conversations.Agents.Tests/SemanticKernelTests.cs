using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using FunctionCallContent = Microsoft.Extensions.AI.FunctionCallContent;
using TextContent = Microsoft.Extensions.AI.TextContent;

namespace Conversations.Agents.Tests;

/// <summary>Semantic Kernel through a chat client with conversations, as its page of the guide shows.</summary>
public sealed class SemanticKernelTests : AgentTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kernel_continues_the_conversation_of_its_caller(bool streamed)
    {
        var kernel = KernelOf(Model.WithConversations(Alice, "bot"));
        Model.Answer = Saying("hi", "fine");

        await AskAsync(kernel, "hello", streamed);
        var answer = await AskAsync(kernel, "how are you?", streamed);

        answer.Should().Be("fine");
        Texts(Model.LastPrompt).Should().Equal("user: hello", "assistant: hi", "user: how are you?");
        (await ConversationsAsync()).Should().ContainSingle().Which.MessageCount.Should().Be(4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Functions_of_the_kernel_are_part_of_the_turn(bool streamed)
    {
        var client = Model.AsBuilder().UseKernelFunctionInvocation().Build().WithConversations(Alice, "bot");
        var kernel = KernelOf(client, KernelPluginFactory.CreateFromFunctions("orders", [KernelFunctionFactory.CreateFromMethod(static (int order) => $"order {order} is in Berlin", "track")]));
        var isFirst = true;
        Model.Answer = (_, _) =>
        {
            var answer = isFirst ? (AIContent)new FunctionCallContent("call_1", "orders_track", new Dictionary<string, object?>(StringComparer.Ordinal) { ["order"] = 7 }) : new TextContent("In Berlin.");
            isFirst = false;
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [answer])));
        };

        var text = await AskAsync(kernel, "where is it?", streamed, new PromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() });

        text.Should().EndWith("In Berlin.");
        var conversation = (await ConversationsAsync()).Should().ContainSingle().Which;
        var stored = await Manager.GetMessagesAsync(conversation.Id, cancellationToken: Cancellation).ToListAsync(Cancellation);
        stored.Select(message => message.Role).Should().Equal(MessageRole.User, MessageRole.Assistant, MessageRole.Tool, MessageRole.Assistant);
        stored[2].Parts.OfType<ToolResultPart>().Should().ContainSingle().Which.ToString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task Prompt_of_a_kernel_names_its_conversation()
    {
        var listed = await Alice.RunTurnAsync("bot", "hello", static (_, _) => Task.FromResult("hi"), Cancellation);
        await Alice.CreateAsync("bot", cancellationToken: Cancellation);
        var client = Model.WithConversations(Alice, "bot").AsBuilder().ConfigureOptions(options => options.ConversationId = listed.ConversationId).Build();

        var answer = await KernelOf(client).InvokePromptAsync("how are you?", cancellationToken: Cancellation);

        answer.ToString().Should().Be("hi");
        Texts(Model.LastPrompt).Should().Equal("user: hello", "assistant: hi", "user: how are you?");
    }

    private static Kernel KernelOf(IChatClient client, params IEnumerable<KernelPlugin> plugins)
    {
        var builder = Kernel.CreateBuilder();
        builder.Services.AddSingleton(client).AddSingleton(client.AsChatCompletionService());
        foreach (var plugin in plugins)
            builder.Plugins.Add(plugin);
        return builder.Build();
    }

    private static async Task<string> AskAsync(Kernel kernel, string text, bool streamed, PromptExecutionSettings? settings = null)
    {
        var chat = kernel.GetRequiredService<IChatCompletionService>();
        var question = new ChatHistory(text, AuthorRole.User);
        if (!streamed)
            return (await chat.GetChatMessageContentAsync(question, settings, kernel, Cancellation)).Content!;

        var pieces = await chat.GetStreamingChatMessageContentsAsync(question, settings, kernel, Cancellation).ToListAsync(Cancellation);
        return string.Concat(pieces.Select(piece => piece.Content));
    }
}
