using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Golden;

/// <summary>What version 4 said of the conversations in <c>version-4.sql</c>. Of a third one, which was deleted, only the place of its run is left.</summary>
internal static class Version4
{
    // Its first second; every later one is counted from here.
    private static readonly DateTimeOffset Start = new(639_000_000_001_234_567, TimeSpan.Zero);

    public static IReadOnlyList<OlderConversation> Conversations { get; } =
    [
        new(
            Olders.Conversation("conv_tools", "chat:dora:support-bot", Start) with
            {
                Title = "Wo ist mein Paket?\n📦",
                MessageCount = 8,
                LastPosition = 8,
                LastActivityAt = Second(5),
                LastMessageAt = Second(5),
            },
            [
                ConversationMessage.User("Wo ist mein Paket?\n📦") with { Position = 1, RunNumber = 1, CreatedAt = Start, Tokens = new TokenAmount(21, "estimate") },
                new(
                    MessageRole.Assistant,
                    [
                        new TextPart("Let me look."),
                        new ToolCallPart("call_1", "track", """{"parcel": "7"}"""),

                        // A type that was of no part of the library's then: nobody can make these any more.
                        .. MessageContent.Read(ContentFormat.Json, """[{"type":"reasoning",  "summary":["it's \"late\""]},{"type":"reasoning","id":"rs_1", "text":"late?"}]""", out _),
                    ])
                {
                    Position = 2,
                    RunNumber = 1,
                    CreatedAt = Second(1),
                    Tokens = new TokenAmount(9, "o200k_base"),
                    SupersededBy = 2,
                },
                new(MessageRole.Tool, new ToolResultPart("call_1", "in the van") { Name = "track" }) { Position = 3, RunNumber = 1, CreatedAt = Second(1), SupersededBy = 2 },
                ConversationMessage.Assistant("In the van.") with { Position = 4, RunNumber = 1, CreatedAt = Second(1), Tokens = new TokenAmount(4, "o200k_base"), SupersededBy = 2 },
                ConversationMessage.Assistant("It has\0 arrived.") with { Position = 5, RunNumber = 2, CreatedAt = Second(3) },
                ConversationMessage.User("And now?") with { Position = 6, RunNumber = 3, CreatedAt = Second(4), Tokens = new TokenAmount(8, "estimate") },
                ConversationMessage.Assistant("It is ") with { Position = 7, RunNumber = 3, CreatedAt = Second(5), IsPartial = true },
                ConversationMessage.Error("no answer", "timeout") with { Position = 8, RunNumber = 3, CreatedAt = Second(5) },
            ],
            [
                new()
                {
                    ConversationId = "conv_tools",
                    Number = 1,
                    Status = RunStatus.Superseded,
                    Outcome = RunStatus.Completed,
                    SupersededBy = 2,
                    Caller = "dora",
                    Model = "model-4",
                    Usage = new TokenUsage { InputTokens = 120, OutputTokens = 34, CachedInputTokens = 5 },
                    PromptTokens = 118,
                    HistoryTokens = 0,
                    Cost = 0.000123456789m,
                    IdempotencyKey = "key-1",
                    InputPosition = 1,
                    InputCount = 1,
                    OutputPosition = 2,
                    OutputCount = 3,
                    StartedAt = Start,
                    EndedAt = Second(1),
                },
                new()
                {
                    ConversationId = "conv_tools",
                    Number = 2,
                    Status = RunStatus.Completed,
                    Caller = "dora",
                    PromptTokens = 1L << 33,
                    HistoryTokens = 1,
                    InputPosition = 1,
                    InputCount = 1,
                    OutputPosition = 5,
                    OutputCount = 1,
                    StartedAt = Second(2),
                    EndedAt = Second(3),
                },
                new()
                {
                    ConversationId = "conv_tools",
                    Number = 3,
                    Status = RunStatus.Failed,
                    Caller = "dora",
                    PromptTokens = 40,
                    HistoryTokens = 30,
                    Error = "TimeoutException",
                    IdempotencyKey = "key-3",
                    InputPosition = 6,
                    InputCount = 1,
                    OutputPosition = 7,
                    OutputCount = 2,
                    StartedAt = Second(4),
                    EndedAt = Second(5),
                },
            ]),
        new(
            Olders.Conversation("conv_stream", "chat:emil:support-bot", Second(7)) with
            {
                Title = "Tell me a story",
                MessageCount = 1,
                LastPosition = 1,
                LastMessageAt = Second(7),
            },
            [ConversationMessage.User("Tell me a story") with { Position = 1, RunNumber = 4, CreatedAt = Second(7), Tokens = new TokenAmount(15, "estimate") }],
            [
                new()
                {
                    ConversationId = "conv_stream",
                    Number = 4,
                    Status = RunStatus.Running,
                    Caller = "emil",
                    IdempotencyKey = "key-4",
                    InputPosition = 1,
                    InputCount = 1,
                    StartedAt = Second(7),
                },
            ]),
    ];

    public static DateTimeOffset Second(int second) => Start.AddSeconds(second);
}
