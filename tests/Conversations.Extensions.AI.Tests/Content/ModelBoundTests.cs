using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>What one provider alone can read is marked in what is stored, so that no other model gets it.</summary>
public sealed class ModelBoundTests
{
    public static TheoryData<AIContent, bool> Contents => new()
    {
        { new McpServerToolCallContent("c", "search", "server"), true },
        { new McpServerToolResultContent("c"), true },
        { new CodeInterpreterToolCallContent("c"), true },
        { new CodeInterpreterToolResultContent("c"), true },
        { new HostedFileContent("file_1"), true },
        { new HostedVectorStoreContent("vs_1"), true },
        { new DataContent("AQ=="u8.ToArray(), "image/png"), false },
        { new UriContent("https://example.com/a.png", "image/png"), false },
        { new ErrorContent("no"), false },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public void Mark_is_at_the_root_of_the_part(AIContent content, bool isBound)
    {
        var message = new ChatMessage(ChatRole.Assistant, [content]).ToConversationMessage();

        IsMarked(message).Should().Be(isBound);
        message.ToChatMessage().Contents.Single().Should().BeOfType(content.GetType());
        IsMarked(message.ToChatMessage().ToConversationMessage()).Should().Be(isBound);
    }

    [Fact]
    public void Mark_of_what_is_not_known_is_kept()
    {
        const string Json = """{"type":"ai_content","model_bound":true,"content":{"$type":"hologram"}}""";
        var message = new ConversationMessage(MessageRole.Assistant, RawPart.OfAdapter(Json));

        message.ToChatMessage().ToConversationMessage().Parts.Should().ContainSingle().Which.Should().Be(message.Parts[0]);
    }

    private static bool IsMarked(ConversationMessage message) =>
        message.Parts.Single() is RawPart { Json: var json } && JsonDocument.Parse(json).RootElement.TryGetProperty("model_bound", out var mark) && mark.GetBoolean();
}
