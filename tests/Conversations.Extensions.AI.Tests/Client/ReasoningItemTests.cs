using Microsoft.Extensions.AI;
using OpenAI.Responses;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Reasoning of OpenAI's responses: it comes in pieces that each name their item, and goes back encrypted to the model that wrote it, or not at all.</summary>
public sealed class ReasoningItemTests : ChatClientTest, IAsyncLifetime
{
    private OpenAIServer _server = null!;
    private IChatClient _model = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await OpenAIServer.StartAsync();
        _server.Answer = static _ => OpenAIReply.Of(new ThinkingReply("The user wants 👍 it."), new TextReply("Well."));
        _model = _server.CreateResponsesClient();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        _model.Dispose();
        await _server.DisposeAsync();
        await DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Encrypted_reasoning_is_one_part_and_goes_back_to_its_model_alone(bool streamed)
    {
        var client = _model.WithConversations(Alice, "bot");

        var response = await SendAsync(client, streamed, [User("a")], Options("gpt-a", isEncrypted: true));
        await SendAsync(client, streamed, [User("b")], Options("gpt-a", isEncrypted: true));
        await SendAsync(client, streamed, [User("c")], Options("gpt-b", isEncrypted: true));

        var reasoning = (await StoredAsync(response.ConversationId))[1].Parts.OfType<ReasoningPart>().Should().ContainSingle().Subject;
        (reasoning.Text, reasoning.ProtectedData).Should().Be(("The user wants 👍 it.", "gAAAA+rs_00000001_0/gpt-a=="));
        _server.Violations.Should().BeEmpty();
        Types(1).Should().Equal("message", "reasoning", "message", "message");
        Types(2).Should().Equal("message", "message", "message", "message", "message");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_that_is_not_encrypted_stays_with_the_conversation(bool streamed)
    {
        var client = _model.WithConversations(Alice, "bot");

        var response = await SendAsync(client, streamed, [User("a")], Options("gpt-a", isEncrypted: false));
        await SendAsync(client, streamed, [User("b")], Options("gpt-a", isEncrypted: false));

        (await StoredAsync(response.ConversationId))[1].ToChatMessage().Contents.OfType<TextReasoningContent>().Select(content => content.Text).Where(text => text.Length > 0).Should().Equal("The user wants 👍 it.");
        _server.Violations.Should().BeEmpty();
        Types(1).Should().Equal("message", "message", "message");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reasoning_with_an_empty_signature_is_shown_to_no_model(bool streamed)
    {
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("thinking") { ProtectedData = "" }, new TextContent("hi")])) { ModelId = "claude" });
        var options = new ChatOptions { ModelId = "claude" };
        await SendAsync(Client, streamed, [User("one")], options);

        await SendAsync(Client, streamed, [User("two")], options);

        Model.LastPrompt.SelectMany(message => message.Contents).Should().AllBeOfType<TextContent>().And.HaveCount(3);
    }

    private static ChatOptions Options(string model, bool isEncrypted) => new()
    {
        ModelId = model,
        RawRepresentationFactory = _ =>
        {
            var options = new CreateResponseOptions { StoredOutputEnabled = false };
            if (isEncrypted)
                options.IncludedProperties.Add(IncludedResponseProperty.ReasoningEncryptedContent);
            return options;
        },
    };

    private IEnumerable<string?> Types(int request) => _server.Requests[request].Items.Select(item => item.GetProperty("type").GetString());
}
