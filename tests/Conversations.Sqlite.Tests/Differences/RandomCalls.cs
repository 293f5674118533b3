using System.Globalization;
using System.Security.Cryptography;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests.Differences;

/// <summary>Makes calls of a store at random, from a seed. Few scopes, keys and times, so that they meet.</summary>
/// <remarks>What it makes obeys the contract: positions and segments are given in order, an open run has a number that no closed run has, and a batch does not give one key to two runs.</remarks>
internal sealed class RandomCalls(int seed)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static readonly string?[] Metadata = [null, "{}", """{"a":1}""", """{ "a": 1.0, "b": "'%_" }"""];

    public static readonly string[] FeedbackCallers = ["", "u", "U", "ü"];

    private static readonly string[] Titles = ["", "Hello", "Grüße 👋 \0 '%_", "SELECT 1; --", "שלום \uFFFF"];

    private static readonly byte[][] Pictures = [[1, 2, 3], [], [0, 255]];

    private readonly Random _random = new(seed);
    private readonly List<string> _ids = [];
    private readonly Dictionary<string, long> _lastSummary = [];
    private readonly Dictionary<(string Id, long Run), int> _lastSegment = [];

    public static ConversationAccess Host { get; } = new("p", null);

    public IReadOnlyList<string> Ids => _ids;

    public IReadOnlyList<ConversationScope> Scopes { get; } =
    [
        Scope("p", "bot", "alice"), Scope("p", "bot", "bob"), Scope("p", "other", "alice"), Scope("q", "bot", "alice"),
        new ConversationScope("p", "bot", ConversationOwner.SharedBy([], null, "thread 1"), null),
    ];

    public bool Chance(int percent) => _random.Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    public int Next(int most) => _random.Next(most + 1);

    public string AnyId() => _ids.Count == 0 || Chance(3) ? "conv_missing" : Pick(_ids);

    public ConversationAccess AnyAccess() => Next(5) switch
    {
        0 => new ConversationAccess("q", null),
        1 => new ConversationAccess("p", [Pick(Scopes).Owner.Audience]),
        2 => new ConversationAccess("p", [.. Scopes.Select(scope => scope.Owner.Audience)]),
        3 => new ConversationAccess("p", []),
        _ => Host,
    };

    public RequestKey AnyKey() => new(Pick(["", "u"]), Pick(["a", "b", "c", "d"]));

    public DateTimeOffset AnyTime() => Start + TimeSpan.FromTicks(_random.Next(4) * 7_000_000_001L);

    public TokenAmount? AnyTokens() => Chance(60) ? new TokenAmount(Next(20), Pick(["words", "tokens"])) : null;

    /// <summary>Makes a batch on conversations of one scope, most often one that can be applied.</summary>
    public async Task<ConversationBatch> BatchAsync(IConversationStore store)
    {
        var scope = Pick(Scopes);
        var current = (await store.LoadAsync(new ConversationLookup { Access = Host, Scope = scope })).Conversation?.Conversation.Id;
        var keys = new HashSet<RequestKey>();
        var writes = new List<ConversationWrite>();
        for (var i = Chance(20) ? 2 : 1; i > 0; i--)
        {
            if (await TargetAsync(store, scope) is { } target && writes.TrueForAll(write => write.Conversation.Conversation.Id != target.Conversation.Id))
                writes.Add(Write(target, keys));
        }

        if (writes.Count == 0)
            writes.Add(Write(New(scope), keys));
        var hasNew = writes.Exists(write => write.Conversation.Version == 0);
        var pointer = Chance(30) ? new PointerChange(Chance(85) ? current : Chance(50) ? null : "conv_missing", Pick(writes).Conversation.Conversation.Id) : null;
        return new ConversationBatch
        {
            Access = Chance(85) ? new ConversationAccess(scope.Project, null) : AnyAccess(),
            Scope = hasNew || pointer is not null || Chance(20) ? scope : null,
            Conversations = writes,
            PointerChange = pointer,
            Durability = Pick([WriteDurability.Process, WriteDurability.Disk]),
        };
    }

    public async Task<SegmentBatch> SegmentsAsync(IConversationStore store)
    {
        var id = AnyId();
        var open = (await store.LoadAsync(new ConversationLookup { Access = new ConversationAccess("p", null), ConversationId = id })).Conversation?.OpenRun;

        // The next two, or some that were appended before.
        var run = (id, open?.Run.Number ?? 1);
        var number = Math.Max(1, _lastSegment.GetValueOrDefault(run) + 1 - Next(2));
        _lastSegment[run] = Math.Max(_lastSegment.GetValueOrDefault(run), number + 1);
        return new SegmentBatch
        {
            ConversationId = id,
            Access = Chance(90) ? Host : AnyAccess(),
            RunNumber = (open?.Run.Number ?? 1) + (Chance(5) ? 1 : 0),
            Token = (open?.Token ?? 1) + (Chance(5) ? 1 : 0),
            Segments = [new StreamSegment(number, number * 10, Pick(Titles) + "x"), new StreamSegment(number + 1, (number + 1) * 10, "more")],
        };
    }

    private static ConversationScope Scope(string project, string agent, string user) =>
        new(project, agent, ConversationOwner.Of(ConversationIdentity.ForUser(user)), ConversationChannels.Chat);

    private async Task<StoredConversation?> TargetAsync(IConversationStore store, ConversationScope scope)
    {
        if (Chance(20))
            return New(scope);

        var listing = new ConversationListing { Access = new ConversationAccess(scope.Project, null), Query = new() { Agent = scope.Agent, UserId = scope.Owner.Identity?.UserId }, Limit = 9 };
        var listed = await store.ListConversationsAsync(Chance(95) ? listing : listing with { Query = listing.Query with { Agent = null } });
        if (listed.Count == 0)
            return null;

        var found = (await store.LoadAsync(new ConversationLookup { Access = listing.Access, ConversationId = Pick(listed).Id })).Conversation!;
        return Chance(92) ? found : found with { Version = found.Version + (Chance(50) ? 1 : -1) };
    }

    private StoredConversation New(ConversationScope scope)
    {
        var id = _ids.Count > 0 && Chance(5) ? Pick(_ids) : string.Create(CultureInfo.InvariantCulture, $"conv_{_ids.Count}");
        if (!_ids.Contains(id))
            _ids.Add(id);
        return new StoredConversation
        {
            Conversation = new Conversation
            {
                Id = id,
                SessionId = scope.SessionId,
                Project = scope.Project,
                Agent = scope.Agent,
                Channel = scope.Channel,
                UserId = scope.Owner.Identity?.UserId,
                Thread = scope.Owner.Thread,
                CreatedAt = AnyTime(),
                LastActivityAt = AnyTime(),
                ForkedFrom = Chance(20) ? "conv_0/msg/1" : null,
            },
        };
    }

    private ConversationWrite Write(StoredConversation read, HashSet<RequestKey> keys)
    {
        var conversation = read.Conversation;
        var first = Math.Max(1, conversation.LastPosition + 1 + (Chance(5) ? 1 : 0) - (Chance(3) ? 1 : 0));
        var messages = Enumerable.Range(0, Next(3)).Select(i => Message(conversation.Id, first + i, read.LastRun)).ToList();
        var kept = Chance(20) ? Keep(read.OpenRun, keys) : null;
        var runs = Runs(read, kept, keys);
        var last = Math.Max(read.LastRun, runs.Count == 0 ? 0 : runs.Max(run => run.Run.Number));
        var open = kept ?? (Chance(50) ? Open(conversation.Id, last + 1, keys) : null);
        return new ConversationWrite
        {
            Conversation = read with
            {
                Conversation = conversation with
                {
                    Title = Chance(50) ? conversation.Title : Pick(Titles),
                    Metadata = Chance(50) ? conversation.Metadata : Pick(Metadata),
                    Status = Pick(Enum.GetValues<ConversationStatus>()),
                    LastRunStatus = Pick<RunStatus?>([null, RunStatus.Running, RunStatus.RequiresAction, RunStatus.Failed]),
                    MessageCount = conversation.MessageCount + messages.Count,
                    LastPosition = Math.Max(conversation.LastPosition, messages.Count == 0 ? 0 : messages[^1].Position),
                    LastActivityAt = Chance(50) ? conversation.LastActivityAt : AnyTime(),
                    LastMessageAt = messages.Count == 0 ? conversation.LastMessageAt : messages[^1].CreatedAt,
                    EndedAt = Chance(50) ? AnyTime() : null,
                },
                LastRun = Math.Max(last, open?.Run.Number ?? 0),
                HistoryRevision = read.HistoryRevision + Next(1),
                WindowStart = Next(12),
                LastFailedRun = Next(9),
                OpenRun = open,
            },
            DeletedMessages = Chance(10) ? [1 + Next(12), -3, 1L << 33] : [],
            Recounts = Chance(20) ? [new TokenRecount(1 + Next(12), new TokenAmount(Next(9), "words")), new TokenRecount(1L << 32, new TokenAmount(1, "words"))] : [],
            Superseded = Chance(30) ? [Superseded(), Superseded()] : [],
            DropSummariesFrom = Chance(15) ? Next(9) : null,
            DroppedSegments = Chance(10) ? [1 + Next(3), 2] : [],
            Runs = runs,
            Messages = messages,
            Data = [.. messages.SelectMany(DataOf)],
            Feedback = Chance(30) ? [Feedback(conversation.Id), Feedback(conversation.Id)] : [],
            Summary = Chance(20) ? Summary(conversation.Id) : null,
        };
    }

    private static OpenRun? Keep(OpenRun? open, HashSet<RequestKey> keys) =>
        open is not null && (RequestKey.Of(open.Run) is not { } key || keys.Add(key)) ? open : null;

    private FeedbackChange Feedback(string id)
    {
        var (position, caller) = (1 + Next(9), Pick(FeedbackCallers));
        return Chance(20)
            ? new FeedbackChange(position, caller)
            : new FeedbackChange(new MessageFeedback { ConversationId = id, Position = position, Caller = caller.Length == 0 ? null : caller, Rating = Next(5) - 2, Comment = Chance(50) ? Pick(Titles) : null, GivenAt = AnyTime() });
    }

    private SupersededChange Superseded() => new(Next(9) - 1, Chance(80) ? Next(12) : long.MaxValue, Chance(60) ? null : 1 + Next(3), Chance(30) ? null : 1 + Next(3));

    // An open run that is not kept is closed: no batch of the library removes it.
    private List<StoredRun> Runs(StoredConversation read, OpenRun? kept, HashSet<RequestKey> keys)
    {
        var runs = new List<StoredRun>();
        if (read.OpenRun is { } open && kept is null)
            runs.Add(Closed(open.Run, keys));
        if (read.LastRun > 0 && Chance(15) && 1 + _random.NextInt64(read.LastRun + 1) is var number && number != read.OpenRun?.Run.Number)
            runs.Add(Closed(new ConversationRun { ConversationId = read.Conversation.Id, Number = number, StartedAt = AnyTime() }, keys));
        return runs;
    }

    private StoredRun Closed(ConversationRun run, HashSet<RequestKey> keys) => new()
    {
        Run = WithKey(Filled(run) with { Status = Pick([RunStatus.Completed, RunStatus.Failed, RunStatus.Interrupted, RunStatus.RequiresAction]), EndedAt = AnyTime() }, keys, run.IdempotencyKey),
        Fingerprint = Chance(50) ? "digest" : null,
        SupersededFrom = Chance(20) ? Next(5) : null,
        SegmentsExpireAt = Chance(50) ? DateTimeOffset.MaxValue : null,
    };

    private OpenRun Open(string id, long number, HashSet<RequestKey> keys)
    {
        var run = new ConversationRun { ConversationId = id, Number = number, Status = RunStatus.Running, StartedAt = AnyTime(), InputPosition = Next(5), InputCount = Next(3), Caller = Pick([null, "", "u"]) };
        return new OpenRun
        {
            Run = WithKey(Chance(10) ? Filled(run) with { EndedAt = AnyTime() } : run, keys, null),
            Fingerprint = Chance(50) ? "digest" : null,
            Token = _random.NextInt64(long.MinValue, long.MaxValue),
            LeaseDuration = TimeSpan.FromTicks(_random.NextInt64(1_000_000)),
            LeaseExpiresAt = Chance(10) ? DateTimeOffset.MaxValue : AnyTime(),
            IsStopRequested = Chance(30),
            OnInterruption = Pick(Enum.GetValues<InterruptedOutput>()),
            SegmentRetention = TimeSpan.FromTicks(Next(1000)),
        };
    }

    private ConversationRun Filled(ConversationRun run) => run with
    {
        Caller = Chance(70) ? run.Caller : Pick([null, "", "u"]),
        Kind = Chance(30) ? RunKind.Summary : RunKind.Turn,
        Model = Chance(50) ? "model" : null,
        FinishReason = Chance(50) ? "stop" : null,
        Usage = Chance(50) ? new TokenUsage { InputTokens = Next(100), OutputTokens = Next(100), CachedInputTokens = Next(9), CacheWriteInputTokens = Next(9), ReasoningTokens = Next(9) } : null,
        UsageByModel = Chance(20) ? [.. Enumerable.Range(0, Next(4)).Select(_ => new ModelUsage { Model = Pick([null, "model", "other"]), Usage = new TokenUsage { InputTokens = Next(100) }, Cost = Chance(50) ? Next(9) : null })] : [],
        PromptTokens = Chance(50) ? Next(100) : null,
        HistoryTokens = Chance(50) ? Next(100) : null,
        WindowStart = Chance(50) ? Next(100) : null,
        Cost = Chance(50) ? new decimal(Next(99_999), 0, 0, false, 7) : null,
        Error = Chance(20) ? "System.TimeoutException" : null,
        OutputPosition = Next(9),
        OutputCount = Next(3),
        IsOnExistingInput = Chance(50),
        ReplacedPosition = Chance(30) ? Next(9) : null,
    };

    private ConversationRun WithKey(ConversationRun run, HashSet<RequestKey> keys, string? before)
    {
        var key = before is not null && Chance(70) ? before : Chance(50) ? AnyKey().Value : null;
        return run with { IdempotencyKey = key is not null && keys.Add(new RequestKey(run.Caller ?? "", key)) ? key : null };
    }

    private StoredMessage Message(string id, long position, long run)
    {
        ConversationMessage message = Next(5) switch
        {
            5 => new ConversationMessage(MessageRole.User, new TextPart("look"), AnyPicture()),
            0 => ConversationMessage.User(Pick(Titles)),
            1 => ConversationMessage.ToolCall("1", "look", "{}"),
            2 => ConversationMessage.Error("failed", "CODE"),
            3 => new ConversationMessage(MessageRole.Assistant, new TextPart("a") { Metadata = """{"b": 1}""" }, new RawPart("""{"type":"image",  "x": 1}""")) { Metadata = """{"author":"x"}""" },
            _ => ConversationMessage.Assistant("answer"),
        };
        return new StoredMessage(message)
        {
            ConversationId = id,
            Position = position,
            RunNumber = Chance(80) ? run : null,
            CreatedAt = AnyTime(),
            Tokens = AnyTokens(),
            IsPartial = Chance(20),
            SupersededBy = Chance(10) ? 1 + Next(3) : null,
            AuthorName = Chance(20) ? Pick(["ada", "Зоя"]) : null,
        };
    }

    public string AnyHash() => HashOf(Pick(Pictures));

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // A part as the library writes it if its bytes are kept beside the message.
    private DataPart AnyPicture()
    {
        var bytes = Pick(Pictures);
        var json = $$"""[{"type":"data","media_type":"image/png","hash":"{{HashOf(bytes)}}","size":{{bytes.Length}}}]""";
        return (DataPart)MessageContent.Read(ContentFormat.Json, json, out _)[0];
    }

    // A copy of what the scope does not have is refused.
    private IEnumerable<MessageData> DataOf(StoredMessage message)
    {
        foreach (var part in message.Parts.OfType<DataPart>())
            yield return Chance(40) ? new MessageData(message.Position, part.Hash) : new MessageData(message.Position, part.Hash, Pictures.First(bytes => HashOf(bytes) == part.Hash));
    }

    private ConversationSummary Summary(string id)
    {
        var through = _lastSummary[id] = _lastSummary.GetValueOrDefault(id) + 1 + Next(2);
        return new ConversationSummary { ConversationId = id, Through = through, MessageCount = through, Text = "so far", CreatedAt = AnyTime(), Tokens = AnyTokens() };
    }
}
