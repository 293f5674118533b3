using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations.Agents.Tests;

/// <summary>Messages that context providers add.</summary>
public sealed class ContextTests : AgentTest
{
    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Context_goes_to_the_model_each_time_and_is_not_stored(Way way, bool streamed)
    {
        var agent = Agent(way, change: static settings => settings.AIContextProviders = [new Retrieval()]);
        var session = await agent.CreateSessionAsync(Cancellation);

        await RunAsync(agent, "one", session, streamed);
        await RunAsync(agent, "two", session, streamed);

        Model.LastPrompt.Select(message => message.Text).Should().ContainInConsecutiveOrder("one", "hi");
        string.Join('|', Model.LastPrompt.Skip(2).Select(message => message.Text)).ReplaceLineEndings("|").Replace("||", "|", StringComparison.Ordinal).Should().Be("two|found for two");
        (await StoredTextsAsync(session)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: hi");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Context_is_stored_if_an_option_asks_for_it(bool streamed)
    {
        var agent = Agent(Way.Around, new ConversationAgentOptions { StoreContextMessages = true }, static settings => settings.AIContextProviders = [new Retrieval()]);
        var session = await agent.CreateSessionAsync(Cancellation);

        await RunAsync(agent, "one", session, streamed);

        (await StoredTextsAsync(session)).Should().Equal("User: one", "User: found for one", "Assistant: hi");
        (await StoredAsync(session)).Should().OnlyContain(message => message.Metadata == null);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Context_is_not_stored_for_each_call_of_the_model(Way way, bool streamed)
    {
        var agent = Agent(way, change: static settings => (settings.AIContextProviders, settings.RequirePerServiceCallChatHistoryPersistence) = ([new Retrieval()], true));
        var session = await agent.CreateSessionAsync(Cancellation);

        await RunAsync(agent, "one", session, streamed);

        Texts(Model.LastPrompt).Should().Equal("user: one\n\nfound for one");
        (await StoredTextsAsync(session)).Should().Equal("User: one", "Assistant: hi");
    }

    /// <summary>Adds what it finds for the new messages, not for those of the history.</summary>
    private sealed class Retrieval : MessageAIContextProvider
    {
        protected override ValueTask<IEnumerable<ChatMessage>> ProvideMessagesAsync(InvokingContext context, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IEnumerable<ChatMessage>>([new ChatMessage(ChatRole.User, $"found for {string.Join(',', context.RequestMessages.Select(message => message.Text))}")]);
    }
}
