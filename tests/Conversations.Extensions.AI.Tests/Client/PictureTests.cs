using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Pictures and files through the client: the model gets their bytes at every turn, readers do not, and they cost an allowance.</summary>
public sealed class PictureTests : ChatClientTest
{
    private const int Size = 400_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Model_gets_the_bytes_of_earlier_pictures(bool streamed)
    {
        var first = await SendAsync(Client, streamed, [Show(1)]);

        await SendAsync(Client, streamed, [User("And the colour?")], new ChatOptions { ConversationId = first.ConversationId });

        var shown = Model.LastPrompt[0].Contents.OfType<DataContent>().Should().ContainSingle().Subject;
        (shown.MediaType, shown.Name).Should().Be(("image/png", "a.png"));
        shown.Data.ToArray().Should().Equal(Bytes(1));
        shown.AdditionalProperties!["detail"].Should().Be("high");
    }

    [Fact]
    public async Task Reader_gets_messages_without_bytes_and_can_ask_for_them()
    {
        var response = await SendAsync(Client, streamed: false, [Show(1)]);
        var message = (await StoredAsync(response.ConversationId))[0];

        var content = message.ToChatMessage().Contents[1].Should().BeOfType<UnknownContent>().Subject;
        var part = content.RawRepresentation.Should().BeOfType<DataPart>().Subject;
        var loaded = await Alice.GetDataAsync(message.Id, part.Hash, Cancellation);

        (content.TypeName, content.IsDamaged, content.Json.Contains(part.Hash, StringComparison.Ordinal)).Should().Be(("image/png", false, true));
        loaded!.Data.ToArray().Should().Equal(Bytes(1));
        (await Alice.LoadDataAsync(message, Cancellation)).ToChatMessage().Contents[1].Should().BeOfType<DataContent>().Which.Name.Should().Be("a.png");
    }

    [Fact]
    public async Task Picture_of_400_KB_costs_1600_tokens_at_most()
    {
        var response = await SendAsync(Client, streamed: false, [Show(1)]);

        (await StoredAsync(response.ConversationId))[0].Tokens!.Value.Count.Should().BeInRange(1_600, 1_620);
    }

    [Fact]
    public async Task Reference_to_a_picture_or_file_costs_an_allowance()
    {
        var message = new ChatMessage(ChatRole.User, [new UriContent($"https://example.com/{new string('a', 2_000)}", "image/png"), new HostedFileContent("file_1") { MediaType = "audio/wav" }]);

        var response = await SendAsync(Client, streamed: false, [message]);

        (await StoredAsync(response.ConversationId))[0].Tokens!.Value.Count.Should().Be(4 + 1_600 + 1_920);
    }

    [Fact]
    public async Task Replay_returns_the_picture_that_the_model_made()
    {
        Model.Answer = FakeModel.Saying(new TextContent("Here."), new DataContent(Bytes(2), "image/png"));
        var options = new ConversationChatOptions { IdempotencyKey = "k" };
        await SendAsync(Client, streamed: false, [User("Draw a bird.")], options);

        var replay = await SendAsync(Client, streamed: false, [User("Draw a bird.")], options);

        Model.Requests.Should().ContainSingle();
        replay.Messages[0].Contents.OfType<DataContent>().Should().ContainSingle().Which.Data.ToArray().Should().Equal(Bytes(2));
    }

    [Fact]
    public async Task Picture_of_another_caller_cannot_be_named_by_its_hash()
    {
        await SendAsync(Client, streamed: false, [Show(1)]);
        var bob = Model.WithConversations(Manager.ForIdentity(ConversationIdentity.ForUser("bob")), "bot");
        var forged = RawPart.OfAdapter($$$"""{"type":"ai_content","content":{"type":"data","media_type":"image/png","hash":"{{{new DataPart("image/png", Bytes(1)).Hash}}}","size":{{{Size}}}}}""");

        var response = await SendAsync(bob, streamed: false, [new ConversationMessage(MessageRole.User, new TextPart("a"), forged).ToChatMessage()]);
        await SendAsync(bob, streamed: false, [User("b")], new ChatOptions { ConversationId = response.ConversationId });

        Model.LastPrompt.SelectMany(message => message.Contents).OfType<DataContent>().Should().BeEmpty();
    }

    private static ChatMessage Show(int number) => new(
        ChatRole.User, [new TextContent("What is this?"), new DataContent(Bytes(number), "image/png") { Name = "a.png", AdditionalProperties = new() { ["detail"] = "high" } }]);

    private static byte[] Bytes(int number)
    {
        var bytes = new byte[Size];
        new Random(number).NextBytes(bytes);
        return bytes;
    }
}
