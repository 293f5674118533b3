using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Golden;

/// <summary>What version 2 said of the conversations in <c>version-2.sql</c>.</summary>
internal static class Version2
{
    // Its first second; every later one is counted from here.
    private static readonly DateTimeOffset Start = new(638_900_000_001_234_567, TimeSpan.Zero);

    public static IReadOnlyList<OlderConversation> Conversations { get; } =
    [
        new(
            Olders.Conversation("conv_counted", "chat:ada:support-bot", Start) with
            {
                Title = "Zähler",
                Status = ConversationStatus.Ended,
                MessageCount = 3,
                LastPosition = 3,
                LastMessageAt = Start,
                EndedAt = Second(7),
            },
            [
                ConversationMessage.System("Be brief.") with { Position = 1, CreatedAt = Start, Tokens = new TokenAmount(4, "o200k_base") },
                ConversationMessage.User("Line one\nline two") with { Position = 2, CreatedAt = Start, Tokens = new TokenAmount(0, "Zähler") },
                ConversationMessage.Assistant("Not counted") with { Position = 3, CreatedAt = Start, IsPartial = true },
            ],
            []),
        new(
            Olders.Conversation("conv_turns", "chat:bob:support-bot", Second(2)) with
            {
                Title = "Where is it?",
                MessageCount = 5,
                LastPosition = 6,
                LastActivityAt = Second(7),
                LastMessageAt = Second(7),
            },
            [
                ConversationMessage.User("Where is it?") with { Position = 1, RunNumber = 1, CreatedAt = Second(2), Tokens = new TokenAmount(3, "o200k_base") },
                ConversationMessage.User("And now?") with { Position = 3, RunNumber = 2, CreatedAt = Second(4), Tokens = new TokenAmount(7, "estimate") },
                ConversationMessage.Assistant("It has arr") with { Position = 4, RunNumber = 2, CreatedAt = Second(5), IsPartial = true },
                ConversationMessage.Error("no answer", "timeout") with { Position = 5, RunNumber = 2, CreatedAt = Second(5) },
                ConversationMessage.User("Hello?") with { Position = 6, RunNumber = 3, CreatedAt = Second(7), Tokens = new TokenAmount(7, "estimate") },
            ],
            [
                RunOf(1, RunStatus.RequiresAction, inputPosition: 1, Second(2)) with
                {
                    Model = "model-2",
                    Usage = new TokenUsage { InputTokens = 9, OutputTokens = 8, CachedInputTokens = 7 },
                    Cost = 1.5m,
                    IdempotencyKey = "key-1",
                    OutputPosition = 2,
                    OutputCount = 1,
                    EndedAt = Second(3),
                },
                RunOf(2, RunStatus.Failed, inputPosition: 3, Second(4)) with { Error = "TimeoutException", OutputPosition = 4, OutputCount = 2, EndedAt = Second(5) },
                RunOf(3, RunStatus.Running, inputPosition: 6, Second(7)) with { IdempotencyKey = "key-3" },
            ]),
    ];

    private static DateTimeOffset Second(int second) => Start.AddSeconds(second);

    private static ConversationRun RunOf(long number, RunStatus status, long inputPosition, DateTimeOffset startedAt) => new()
    {
        ConversationId = "conv_turns",
        Number = number,
        Status = status,
        Caller = "bob",
        InputPosition = inputPosition,
        InputCount = 1,
        StartedAt = startedAt,
    };
}
