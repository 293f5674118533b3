using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Batches as the library writes them.</summary>
internal static class Commands
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static int _ids;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static ConversationAccess Host { get; } = new(ConversationScope.DefaultProject, null);

    public static ConversationScope Scope(string user = "user_1", string agent = "support-bot", string project = ConversationScope.DefaultProject) =>
        new(project, agent, ConversationOwner.Of(ConversationIdentity.ForUser(user)), ConversationChannels.Chat);

    public static ConversationAccess Access(this ConversationScope scope) => new(scope.Project, [scope.Owner.Audience]);

    /// <summary>Makes the batch that begins a turn, of a new conversation unless there is one.</summary>
    public static ConversationBatch Begin(ConversationScope? scope = null, string text = "Hello", string? key = null, StoredConversation? current = null)
    {
        scope ??= Scope();
        var before = current ?? New(scope);
        var (id, position) = (before.Conversation.Id, before.Conversation.LastPosition + 1);
        var run = new ConversationRun { ConversationId = id, Number = before.LastRun + 1, Caller = "caller", IdempotencyKey = key, InputPosition = position, InputCount = 1, StartedAt = Now };
        var target = before with
        {
            Conversation = before.Conversation with { Title = before.Conversation.Title ?? text, LastRunStatus = RunStatus.Running, LastPosition = position, MessageCount = before.Conversation.MessageCount + 1, LastMessageAt = Now },
            LastRun = run.Number,
            OpenRun = new OpenRun { Run = run, Fingerprint = key is null ? null : "f", Token = 7, LeaseDuration = Lease, LeaseExpiresAt = Now + Lease },
        };
        return new ConversationBatch
        {
            Access = scope.Access(),
            Scope = current is null ? scope : null,
            PointerChange = current is null ? new PointerChange(null, id) : null,
            Conversations = [new ConversationWrite { Conversation = target, Messages = [Message(ConversationMessage.User(text), id, position, run.Number)] }],
            Durability = WriteDurability.Process,
        };
    }

    /// <summary>Makes the batch that commits the open run.</summary>
    public static ConversationBatch Commit(StoredConversation begun, params string[] texts)
    {
        var (id, first) = (begun.Conversation.Id, begun.Conversation.LastPosition + 1);
        var run = begun.OpenRun!.Run;
        return new ConversationBatch
        {
            Access = Host,
            Conversations =
            [
                new ConversationWrite
                {
                    Conversation = begun with
                    {
                        Conversation = begun.Conversation with
                        {
                            LastRunStatus = RunStatus.Completed,
                            LastPosition = begun.Conversation.LastPosition + texts.Length,
                            MessageCount = begun.Conversation.MessageCount + texts.Length,
                            LastActivityAt = begun.Conversation.LastActivityAt + TimeSpan.FromSeconds(1),
                        },
                        OpenRun = null,
                    },
                    Runs = [new StoredRun { Run = run with { Status = RunStatus.Completed, OutputPosition = first, OutputCount = texts.Length, EndedAt = Now }, Fingerprint = begun.OpenRun.Fingerprint }],
                    Messages = [.. texts.Select((text, i) => Message(ConversationMessage.Assistant(text), id, first + i, run.Number))],
                },
            ],
            Durability = WriteDurability.Disk,
        };
    }

    public static async Task<StoredConversation?> LoadAsync(this IConversationStore store, string id) =>
        (await store.LoadAsync(new ConversationLookup { Access = Host, ConversationId = id }, Token)).Conversation;

    public static async Task<StoredConversation?> GetCurrentAsync(this IConversationStore store, ConversationScope? scope = null) =>
        (await store.LoadAsync(new ConversationLookup { Access = Host, Scope = scope ?? Scope() }, Token)).Conversation;

    /// <summary>Begins a turn of the current conversation of a scope.</summary>
    /// <returns>The conversation with its open run.</returns>
    public static async Task<StoredConversation> BeginAsync(this IConversationStore store, ConversationScope? scope = null, string text = "Hello")
    {
        var batch = Begin(scope, text, current: await store.GetCurrentAsync(scope));
        (await store.TryWriteAsync(batch, Token)).Should().BeTrue();
        var begun = batch.Conversations[0].Conversation;
        return begun with { Version = begun.Version + 1 };
    }

    public static async Task CommitAsync(this IConversationStore store, StoredConversation begun, params string[] texts) =>
        (await store.TryWriteAsync(Commit(begun, texts), Token)).Should().BeTrue();

    /// <summary>Begins and commits a turn.</summary>
    /// <returns>The id of the conversation.</returns>
    public static async Task<string> TurnAsync(this IConversationStore store, ConversationScope? scope = null, string question = "Hello", string answer = "Hi")
    {
        var begun = await store.BeginAsync(scope, question);
        await store.CommitAsync(begun, answer);
        return begun.Conversation.Id;
    }

    private static StoredConversation New(ConversationScope scope) => new()
    {
        Conversation = new Conversation
        {
            Id = $"conv_{Interlocked.Increment(ref _ids):D8}",
            SessionId = scope.SessionId,
            Project = scope.Project,
            Agent = scope.Agent,
            Channel = scope.Channel,
            UserId = scope.Owner.Identity?.UserId,
            Thread = scope.Owner.Thread,
            CreatedAt = Now,
            LastActivityAt = Now,
        },
    };

    private static StoredMessage Message(ConversationMessage message, string id, long position, long run) =>
        new(message) { ConversationId = id, Position = position, RunNumber = run, CreatedAt = Now };
}
