using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Names of speakers at the real clients of providers, whose servers enforce their rules.</summary>
public sealed class AuthorProviderTests : IAsyncLifetime
{
    private static readonly string[] Names = ["ada", "ada@example.com", "Zoë Müller", "Зоя", "名前", "a<b>|c/d\\e", "two\nlines", "🦊", "\u202Eright", new('x', 64), new('y', 300)];

    private readonly ConversationManager _manager = new(new InMemoryConversationStore(), new ConversationOptions().AddAgent("team", agent => (agent.Mode, agent.HistoryLimit) = (PersistenceMode.Shared, 100)));
    private AnthropicServer _anthropic = null!;
    private OpenAIServer _openAI = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_anthropic, _openAI) = (await AnthropicServer.StartAsync(), await OpenAIServer.StartAsync());
        (_anthropic.Answer, _openAI.Answer) = (static _ => AnthropicReply.Text("ok"), static _ => OpenAIReply.Text("ok"));
    }

    public async ValueTask DisposeAsync()
    {
        await _anthropic.DisposeAsync();
        await _openAI.DisposeAsync();
        await _manager.DisposeAsync();
    }

    [Theory]
    [InlineData("anthropic", true)]
    [InlineData("anthropic", false)]
    [InlineData("chat", true)]
    [InlineData("chat", false)]
    [InlineData("responses", true)]
    [InlineData("responses", false)]
    public async Task No_name_is_refused_and_each_reaches_the_model(string provider, bool authorsInText)
    {
        using var inner = provider switch
        {
            "anthropic" => _anthropic.CreateChatClient(),
            "chat" => _openAI.CreateChatClient(),
            _ => _openAI.CreateResponsesClient(),
        };
        foreach (var name in Names)
        {
            var client = inner.WithConversations(_manager.ForIdentity(ConversationIdentity.ForUser(name)), "team", new ConversationChatClientOptions { AuthorsInText = authorsInText });
            (await client.GetResponseAsync("hello", cancellationToken: Cancellation)).Text.Should().Be("ok");
            (await client.GetStreamingResponseAsync("again", cancellationToken: Cancellation).ToChatResponseAsync(Cancellation)).Text.Should().Be("ok");
        }

        _anthropic.Violations.Should().BeEmpty();
        _openAI.Violations.Should().BeEmpty();
        (provider == "anthropic" ? _anthropic.RequestCount : _openAI.RequestCount).Should().Be(2 * Names.Length);
        var last = provider == "anthropic" ? _anthropic.Requests[^1].Body : _openAI.Requests[^1].Body;
        var texts = Strings(last).ToList();
        texts.Should().Contain(authorsInText ? $"{new string('y', 300)}: again" : "again");
        if (authorsInText)
            texts.Should().Contain("\"two\uFFFDlines\": hello").And.Contain("名前: again");
    }

    [Fact]
    public async Task Chat_completions_get_the_letters_of_a_name_that_they_allow()
    {
        using var inner = _openAI.CreateChatClient();
        await inner.WithConversations(_manager.ForIdentity(ConversationIdentity.ForUser("ada@example.com")), "team").GetResponseAsync("hello", cancellationToken: Cancellation);

        _openAI.Requests[0].Body.GetProperty("messages")[0].GetProperty("name").GetString().Should().Be("adaexamplecom");
    }

    private static IEnumerable<string> Strings(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => Strings(property.Value)),
        _ => [],
    };
}
