using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>The base class of all specifications: an empty store whose clock the test controls, and helpers that build batches and read the store.</summary>
/// <typeparam name="TFixture">Creates the store.</typeparam>
/// <remarks>Derive an empty public class from each specification, with your fixture as <typeparamref name="TFixture"/>.
/// <see cref="StoreSpecificationCoverage.MissingFrom"/> reports the ones that are missing.</remarks>
public abstract partial class ConversationStoreSpecification<TFixture> : IAsyncLifetime
    where TFixture : StoreFixture, new()
{
    private int _lastId;

    /// <summary>Gets the access of the host to the default project.</summary>
    protected static ConversationAccess Host { get; } = new(ConversationScope.DefaultProject, null);

    /// <summary>Gets the clock of <see cref="Store"/>.</summary>
    protected ManualTimeProvider Time { get; } = new();

    /// <summary>Gets the fixture of the test.</summary>
    protected TFixture Fixture { get; } = new();

    /// <summary>Gets the store, which is empty when a test begins.</summary>
    protected IConversationStore Store { get; private set; } = null!;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync() => Store = await Fixture.CreateAsync(Time);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Fixture.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the scope of a user.</summary>
    protected static ConversationScope ScopeOf(string user = "user_1", string agent = "agent", string channel = ConversationChannels.Chat, string project = ConversationScope.DefaultProject) =>
        new(project, agent, ConversationOwner.Of(ConversationIdentity.ForUser(user)), channel);

    /// <summary>The number of messages of a conversation that a store may write, or delete, in several parts.</summary>
    protected const int LongConversation = 1_200;

    /// <summary>Returns the access of the audience of a scope.</summary>
    protected static ConversationAccess AccessOf(ConversationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return new ConversationAccess(scope.Project, [scope.Owner.Audience]);
    }

    /// <summary>Returns an id that was not used before. Later ids are ordinally greater.</summary>
    protected string NewId() => $"conv_{Interlocked.Increment(ref _lastId):D6}";

    /// <summary>Returns a conversation that is not stored yet.</summary>
    protected StoredConversation NewConversation(ConversationScope? scope = null)
    {
        scope ??= ScopeOf();
        return new StoredConversation
        {
            Conversation = new Conversation
            {
                Id = NewId(),
                SessionId = scope.SessionId,
                Project = scope.Project,
                Agent = scope.Agent,
                Channel = scope.Channel,
                UserId = scope.Owner.Identity?.UserId,
                Thread = scope.Owner.Thread,
                CreatedAt = Time.GetUtcNow(),
                LastActivityAt = Time.GetUtcNow(),
            },
        };
    }

    /// <summary>Returns a message of a user, created now.</summary>
    protected StoredMessage User(string text = "question") => Stored(ConversationMessage.User(text));

    /// <summary>Returns a message of a model, created now.</summary>
    protected StoredMessage Assistant(string text = "answer") => Stored(ConversationMessage.Assistant(text));

    /// <summary>Returns an error message, created now.</summary>
    protected StoredMessage Error(string text = "error") => Stored(ConversationMessage.Error(text));

    /// <summary>Returns a closed run.</summary>
    protected StoredRun ClosedRun(string conversationId, long number, string? key = null) => new()
    {
        Run = new ConversationRun
        {
            ConversationId = conversationId,
            Number = number,
            Status = RunStatus.Completed,
            Caller = "caller",
            IdempotencyKey = key,
            StartedAt = Time.GetUtcNow(),
            EndedAt = Time.GetUtcNow(),
        },
        Fingerprint = key is null ? null : $"digest of {key}",
    };

    /// <summary>Returns a write that changes nothing but the version.</summary>
    protected static ConversationWrite Touch(StoredConversation conversation) => new() { Conversation = conversation };

    /// <summary>Returns a write that sets the title.</summary>
    protected static ConversationWrite Rename(StoredConversation conversation, string title)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return Touch(conversation with { Conversation = conversation.Conversation with { Title = title } });
    }

    /// <summary>Returns a write that appends messages at the next positions.</summary>
    protected ConversationWrite Append(StoredConversation conversation, params IReadOnlyList<StoredMessage> messages) =>
        Append(Touch(conversation), run: null, messages);

    /// <summary>Returns a write that opens the next run, as the begin of a turn does, and appends its input.</summary>
    protected ConversationWrite OpenRun(StoredConversation conversation, string? key = null, params IReadOnlyList<StoredMessage> input)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var number = conversation.LastRun + 1;
        var run = ClosedRun(conversation.Conversation.Id, number, key) with { };
        var open = new OpenRun
        {
            Run = run.Run with { Status = RunStatus.Running, EndedAt = null, InputPosition = conversation.Conversation.LastPosition + 1, InputCount = input.Count },
            Fingerprint = run.Fingerprint,
            Token = 1_000 + number,
            LeaseDuration = TimeSpan.FromMinutes(1),
            LeaseExpiresAt = Time.GetUtcNow() + TimeSpan.FromMinutes(1),
        };
        return Append(Touch(conversation with { LastRun = number, OpenRun = open }), number, input);
    }

    /// <summary>Returns a write that closes the open run, as the commit of a turn does, and appends its output.</summary>
    protected ConversationWrite CloseRun(StoredConversation conversation, params IReadOnlyList<StoredMessage> output)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        var open = conversation.OpenRun!;
        var closed = new StoredRun
        {
            Run = open.Run with { Status = RunStatus.Completed, EndedAt = Time.GetUtcNow(), OutputPosition = output.Count == 0 ? 0 : conversation.Conversation.LastPosition + 1, OutputCount = output.Count },
            Fingerprint = open.Fingerprint,
        };
        return Append(Touch(conversation with { OpenRun = null }) with { Runs = [closed] }, open.Run.Number, output);
    }

    /// <summary>Returns a batch of the host that need not survive the death of the machine.</summary>
    protected static ConversationBatch Batch(params IReadOnlyList<ConversationWrite> writes)
    {
        var created = writes.FirstOrDefault(write => write.Conversation.Version == 0)?.Conversation.Conversation;
        return new ConversationBatch
        {
            Access = created is null ? Host : new ConversationAccess(created.Project, null),
            Scope = created is null ? null : ConversationScope.Parse(created.SessionId),
            Conversations = writes,
            Durability = WriteDurability.Process,
        };
    }

    /// <summary>Returns a batch that also makes its first conversation the current one of its scope.</summary>
    protected static ConversationBatch PointingBatch(string? expected, params IReadOnlyList<ConversationWrite> writes)
    {
        var first = writes[0].Conversation.Conversation;
        return Batch(writes) with { Scope = ConversationScope.Parse(first.SessionId), PointerChange = new PointerChange(expected, first.Id) };
    }

    /// <summary>Applies a write, which must succeed, and returns the conversation as it is stored then.</summary>
    protected Task<StoredConversation> WriteAsync(ConversationWrite write) => WriteAsync(Store, Batch(write));

    /// <summary>Applies a batch, which must succeed, and returns its first conversation as it is stored then.</summary>
    protected Task<StoredConversation> WriteAsync(ConversationBatch batch) => WriteAsync(Store, batch);

    /// <summary>Applies a batch in a given store, which must succeed, and returns its first conversation as it is stored then.</summary>
    protected static async Task<StoredConversation> WriteAsync(IConversationStore store, ConversationBatch batch)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(batch);
        Assert.True(await store.TryWriteAsync(batch), $"The store did not apply a batch whose conditions hold: {batch}");
        var written = batch.Conversations[0].Conversation;
        return written with { Version = written.Version + 1 };
    }

    /// <summary>Creates a conversation with messages, which its scope does not point to.</summary>
    protected Task<StoredConversation> CreateAsync(params IReadOnlyList<StoredMessage> messages) => CreateInAsync(ScopeOf(), messages);

    /// <summary>Creates a conversation with messages in a scope, which does not point to it.</summary>
    protected Task<StoredConversation> CreateInAsync(ConversationScope scope, params IReadOnlyList<StoredMessage> messages) =>
        WriteAsync(Append(NewConversation(scope), messages));

    /// <summary>Creates the current conversation of a scope that points to none.</summary>
    protected Task<StoredConversation> CreateCurrentAsync(ConversationScope? scope = null, params IReadOnlyList<StoredMessage> messages) =>
        WriteAsync(PointingBatch(null, Append(NewConversation(scope), messages)));

    /// <summary>Creates a conversation with messages <c>"1"</c>, <c>"2"</c> … at these positions.</summary>
    protected Task<StoredConversation> CreateNumberedAsync(int messages) =>
        CreateAsync([.. Enumerable.Range(1, messages).Select(number => User($"{number}"))]);

    /// <summary>A message of now. Its conversation and its position are set when it is appended.</summary>
    protected StoredMessage Stored(ConversationMessage message) => new(message) { ConversationId = "", Position = 0, CreatedAt = Time.GetUtcNow() };

    private static ConversationWrite Append(ConversationWrite write, long? run, IReadOnlyList<StoredMessage> messages)
    {
        if (messages.Count == 0)
            return write;

        var conversation = write.Conversation.Conversation;
        StoredMessage[] stored =
        [
            .. messages.Select((message, index) => message with { ConversationId = conversation.Id, Position = conversation.LastPosition + 1 + index, RunNumber = run ?? message.RunNumber }),
        ];
        var changed = conversation with
        {
            MessageCount = conversation.MessageCount + stored.Length,
            LastPosition = stored[^1].Position,
            LastMessageAt = stored[^1].CreatedAt,
        };
        return write with { Conversation = write.Conversation with { Conversation = changed }, Messages = stored };
    }
}
