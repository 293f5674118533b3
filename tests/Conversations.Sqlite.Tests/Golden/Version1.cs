using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Golden;

/// <summary>What version 1 said of the conversations in <c>version-1.sql</c>.</summary>
internal static class Version1
{
    private const string Ada = "chat:ada:support-bot";

    // Its first second; every later one is counted from here.
    private static readonly DateTimeOffset Start = new(638_725_284_001_234_567, TimeSpan.Zero);

    public static IReadOnlyList<OlderConversation> Conversations { get; } =
    [
        new(
            Of("conv_past", Ada) with
            {
                Title = "Altes\0 'Gespräch'",
                Status = ConversationStatus.Ended,
                MessageCount = 2,
                LastPosition = 2,
                CreatedAt = new DateTimeOffset(2019, 12, 31, 22, 59, 59, TimeSpan.Zero),
                LastActivityAt = Start,
                LastMessageAt = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(7),
                EndedAt = Second(1),
            },
            [
                ConversationMessage.System("Be brief.") with { Position = 1, CreatedAt = new DateTimeOffset(2019, 12, 31, 22, 59, 59, TimeSpan.Zero) },
                ConversationMessage.User("") with { Position = 2, CreatedAt = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(7) },
            ],
            []),
        new(
            Of("conv_tools", Ada) with
            {
                Title = "Where is my parcel?\n📦",
                MessageCount = 6,
                LastPosition = 7,
                CreatedAt = Second(2),
                LastActivityAt = Second(7),
                LastMessageAt = Second(5),
            },
            [
                ConversationMessage.User("Where is my parcel?\n📦") with { Position = 1, RunNumber = 1, CreatedAt = Second(2) },
                new(
                    MessageRole.Assistant,
                    new TextPart("Let me look."),
                    new ToolCallPart("call_1", "track", """{"parcel": "7"}"""),
                    new RawPart("""{"type":"thought",  "text":"it's \"late\""}"""))
                {
                    Position = 2,
                    RunNumber = 1,
                    CreatedAt = Second(2),
                },
                new(MessageRole.Tool, new ToolResultPart("call_1", "in the van") { Name = "track" }) { Position = 3, RunNumber = 1, CreatedAt = Second(2) },
                ConversationMessage.User("And now?") with { Position = 5, RunNumber = 2, CreatedAt = Second(5) },
                ConversationMessage.Assistant("It has arr") with { Position = 6, RunNumber = 2, CreatedAt = Second(5), IsPartial = true },
                ConversationMessage.Error("The model did not answer.", "timeout") with { Position = 7, RunNumber = 2, CreatedAt = Second(5) },
            ],
            [
                new()
                {
                    ConversationId = "conv_tools",
                    Number = 1,
                    Status = RunStatus.Completed,
                    Caller = "ada",
                    Model = "model-1",
                    Usage = new TokenUsage { InputTokens = 120, OutputTokens = 34, CachedInputTokens = 5 },
                    Cost = 0.000123456789m,
                    IdempotencyKey = "key-1",
                    InputPosition = 1,
                    InputCount = 1,
                    OutputPosition = 2,
                    OutputCount = 3,
                    StartedAt = Second(2),
                    EndedAt = Second(4),
                },
                new()
                {
                    ConversationId = "conv_tools",
                    Number = 2,
                    Status = RunStatus.Failed,
                    Caller = "ada",
                    Error = "HttpRequestException",
                    IdempotencyKey = "key-2",
                    InputPosition = 5,
                    InputCount = 1,
                    OutputPosition = 6,
                    OutputCount = 2,
                    StartedAt = Second(5),
                    EndedAt = Second(7),
                },
            ]),
        new(
            Of("conv_order", "*:#order-7;tenant_id=acme:crm-agent") with
            {
                Title = "Ship it",
                MessageCount = 3,
                LastPosition = 3,
                CreatedAt = Second(8),
                LastActivityAt = Second(132),
                LastMessageAt = Second(132),
            },
            [
                ConversationMessage.User("Ship it") with { Position = 1, RunNumber = 3, CreatedAt = Second(8) },
                ConversationMessage.User("Ship it today") with { Position = 2, RunNumber = 4, CreatedAt = Second(11) },
                ConversationMessage.User("Ship it now") with { Position = 3, RunNumber = 5, CreatedAt = Second(132) },
            ],
            [
                RunOfOrder(3, RunStatus.Cancelled, null, Second(8)) with { EndedAt = Second(10) },
                RunOfOrder(4, RunStatus.Interrupted, "bob", Second(11)) with { EndedAt = Second(132) },
                RunOfOrder(5, RunStatus.Running, "bob", Second(132)) with { IdempotencyKey = "key-3" },
            ]),
        new(
            Of("conv_empty", Ada) with
            {
                Status = ConversationStatus.Archived,
                CreatedAt = Second(136),
                LastActivityAt = Second(136),
                EndedAt = Second(137),
            },
            [],
            []),
    ];

    private static DateTimeOffset Second(int second) => Start.AddSeconds(second);

    private static Conversation Of(string id, string sessionId) => Olders.Conversation(id, sessionId, Start);

    private static ConversationRun RunOfOrder(long number, RunStatus status, string? caller, DateTimeOffset startedAt) => new()
    {
        ConversationId = "conv_order",
        Number = number,
        Status = status,
        Caller = caller,
        InputPosition = number - 2,
        InputCount = 1,
        StartedAt = startedAt,
    };
}
