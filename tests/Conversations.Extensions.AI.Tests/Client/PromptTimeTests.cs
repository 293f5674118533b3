using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Prompts of chat clients whose agent states the times of messages.</summary>
public sealed class PromptTimeTests : ChatClientTest
{
    private readonly ConversationManager _manager;

    public PromptTimeTests() => _manager = new ConversationManager(Store, new ConversationOptions()
        .AddAgent("dated", static agent => agent.PromptTimeZone = TimeZoneInfo.Utc)
        .AddAgent("team", static agent => (agent.Mode, agent.PromptTimeZone) = (PersistenceMode.Shared, TimeZoneInfo.Utc)), Time);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prompt_states_the_time_of_new_and_stored_messages_in_the_same_form(bool streamed)
    {
        Time.SetUtcNow(new DateTimeOffset(2026, 11, 30, 19, 50, 0, TimeSpan.Zero));
        var client = Model.WithConversations(_manager.ForIdentity(ConversationIdentity.ForUser("alice")), "dated");
        var given = User("one");
        var response = await SendAsync(client, streamed, [given]);
        Time.Advance(TimeSpan.FromHours(1));

        await SendAsync(client, streamed, [User("two")]);

        Texts(Model.Requests[0].Messages).Should().Equal("user: [Mon 2026-11-30 19:50 +00:00] one");
        Texts(Model.LastPrompt).Should().Equal("user: [Mon 2026-11-30 19:50 +00:00] one", "assistant: hi", "user: [Mon 2026-11-30 20:50 +00:00] two");
        given.Text.Should().Be("one", "the message of the caller is not changed");
        (await StoredTextsAsync(response.ConversationId)).Should().Equal("User: one", "Assistant: hi", "User: two", "Assistant: hi");
    }

    [Fact]
    public async Task Time_follows_the_speaker_and_precedes_a_picture_the_same_at_every_turn()
    {
        Time.SetUtcNow(new DateTimeOffset(2026, 11, 30, 19, 50, 0, TimeSpan.Zero));
        var client = Model.WithConversations(_manager.ForIdentity(ConversationIdentity.ForUser("alice")), "team");
        await client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent("x"u8.ToArray(), "image/png"), new TextContent("look")])], cancellationToken: Cancellation);
        var first = Model.LastPrompt[0].Contents.OfType<TextContent>().Select(text => text.Text).ToList();
        Time.Advance(TimeSpan.FromHours(1));

        await client.GetResponseAsync("again", cancellationToken: Cancellation);

        first.Should().Equal("alice: [Mon 2026-11-30 19:50 +00:00]", "  look");
        Model.LastPrompt[0].Contents.OfType<TextContent>().Select(text => text.Text).Should().Equal(first);
        Model.LastPrompt[2].Text.Should().Be("alice: [Mon 2026-11-30 20:50 +00:00] again");
    }
}
