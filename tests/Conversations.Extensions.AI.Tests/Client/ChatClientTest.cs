using Conversations.Storage;
using Conversations.StoreSpecification;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>The base class of tests of the client: a model with given answers, a SQLite file, and a clock that only tests move.</summary>
public abstract class ChatClientTest : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");

    protected ChatClientTest()
    {
        Store = new SqliteConversationStore($"Data Source={Path.Combine(_folder.FullName, "test.db")}", Time);
        Manager = new ConversationManager(Store, Options(), Time);
        Client = Model.WithConversations(Alice, "bot");
    }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected ManualTimeProvider Time { get; } = new();

    protected IConversationStore Store { get; }

    protected ConversationManager Manager { get; }

    protected ScopedConversations Alice => Manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    protected ConversationChatClient Client { get; }

    private protected FakeModel Model { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static ConversationOptions Options() => new ConversationOptions()
        .AddAgent("bot")
        .AddAgent("prompted", agent => agent.SystemPrompt = "You are kind.")
        .AddAgent("team", agent => agent.Mode = PersistenceMode.Shared)
        .AddAgent("oracle", agent => agent.Mode = PersistenceMode.Stateless);

    protected static ChatMessage User(string text) => new(ChatRole.User, text);

    protected static List<string> Texts(IEnumerable<ChatMessage> messages) => [.. messages.Select(message => $"{message.Role}: {message.Text}")];

    protected static Task<ChatResponse> SendAsync(IChatClient client, bool streamed, IEnumerable<ChatMessage> messages, ChatOptions? options = null) => streamed
        ? client.GetStreamingResponseAsync(messages, options, Cancellation).ToChatResponseAsync(Cancellation)
        : client.GetResponseAsync(messages, options, Cancellation);

    protected Task<ChatResponse> AskAsync(string text = "hello", ChatOptions? options = null) => Client.GetResponseAsync(text, options, Cancellation);

    protected async Task<List<StoredMessage>> StoredAsync(string? conversationId) =>
        await Manager.GetMessagesAsync(conversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);

    protected async Task<List<string>> StoredTextsAsync(string? conversationId) =>
        [.. (await StoredAsync(conversationId)).Select(message => $"{message.Role}: {message.Text}")];

    protected async Task<List<Conversation>> ConversationsAsync() => await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation);

    protected async Task<ConversationRun> RunAsync(ChatResponse response) =>
        (await Manager.GetRunAsync((string)response.AdditionalProperties![ConversationChatProperties.RunId]!, Cancellation))!;
}
