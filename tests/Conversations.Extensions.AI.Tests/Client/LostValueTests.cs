using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Values that cannot be stored are logged by their types, and nothing else of them is.</summary>
public sealed class LostValueTests : ChatClientTest
{
    private const string Secret = "canary-4711";

    private readonly Lines _log = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Property_of_a_message_or_content_that_cannot_be_written_is_logged_once_by_its_type(bool streamed)
    {
        var client = Model.WithConversations(Alice, "bot", logger: _log);
        Model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [new TextContent("hi") { AdditionalProperties = new() { [Secret] = new OfContent(), ["fine"] = 7 } }])
        {
            AdditionalProperties = new() { [Secret] = new OfMessage() },
        }));

        var response = await SendAsync(client, streamed, [User("hello")]);
        await SendAsync(client, streamed, [User("hello")]);

        _log.Entries.Should().HaveCount(2).And.OnlyContain(line => line.StartsWith("Warning ValueNotKept", StringComparison.Ordinal)).And.NotContain(line => line.Contains(Secret))
            .And.Contain(line => line.Contains(typeof(OfContent).FullName!)).And.Contain(line => line.Contains(typeof(OfMessage).FullName!));
        var stored = (await StoredAsync(response.ConversationId))[1].ToChatMessage();
        stored.Contents.Single().AdditionalProperties!["fine"]!.ToString().Should().Be("7", "what can be written is kept");
    }

    [Fact]
    public async Task Property_of_input_that_cannot_be_written_is_logged()
    {
        var client = Model.WithConversations(Alice, "bot", logger: _log);

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hello") { AdditionalProperties = new() { ["theirs"] = new OfMessage() } }], cancellationToken: Cancellation);

        _log.Entries.Should().ContainSingle().Which.Should().Contain(typeof(OfMessage).FullName);
    }

    [Fact]
    public async Task Properties_deeper_than_metadata_can_be_are_logged()
    {
        var client = Model.WithConversations(Alice, "bot", logger: _log);
        var deep = System.Text.Json.JsonElement.Parse(new string('[', 520) + new string(']', 520), new System.Text.Json.JsonDocumentOptions { MaxDepth = 600 });

        await client.GetResponseAsync([new ChatMessage(ChatRole.User, "hello") { AdditionalProperties = new() { ["theirs"] = deep } }], cancellationToken: Cancellation);

        _log.Entries.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Pipeline_logs_where_its_services_say()
    {
        await using var services = new ServiceCollection().AddSingleton(Manager).AddSingleton<ILogger<ConversationChatClient>>(_log).BuildServiceProvider();
        using var client = Model.AsBuilder().UseConversations("bot", static _ => ConversationIdentity.ForUser("alice")).Build(services);
        Model.Answer = FakeModel.Saying(new TextContent("hi") { AdditionalProperties = new() { ["theirs"] = new OfContent() } });

        await client.GetResponseAsync("hello", cancellationToken: Cancellation);

        _log.Entries.Should().ContainSingle();
    }

    [Fact]
    public async Task Values_that_are_kept_are_not_logged()
    {
        var client = Model.WithConversations(Alice, "bot", logger: _log);
        Model.Answer = FakeModel.Saying(new TextContent("hi") { AdditionalProperties = new() { ["a"] = 1, ["b"] = "text", ["c"] = null, ["d"] = new Dictionary<string, object?> { ["e"] = true } } });

        await client.GetResponseAsync("hello", cancellationToken: Cancellation);

        _log.Entries.Should().BeEmpty();
    }

    // Its property cannot be read, as those of objects that belong to a connection.
    private sealed class OfContent
    {
        private readonly string _message = Secret;

        public string Value => throw new InvalidOperationException(_message);
    }

    private sealed class OfMessage
    {
        public Func<string> Value { get; } = static () => Secret;
    }

    private sealed class Lines : ILogger<ConversationChatClient>
    {
        private readonly List<string> _entries = [];

        public IReadOnlyList<string> Entries => _entries;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _entries.Add($"{logLevel} {eventId.Name} {formatter(state, exception)} {exception}");
    }
}
