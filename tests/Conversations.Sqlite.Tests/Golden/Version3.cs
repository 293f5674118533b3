using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Golden;

/// <summary>What version 3 said of the conversations in <c>version-3.sql</c>; of superseded runs, what they were before, too.</summary>
internal static class Version3
{
    // Its first second; every later one is counted from here.
    private static readonly DateTimeOffset Start = new(638_950_000_001_234_567, TimeSpan.Zero);

    private static readonly ConversationMessage Question =
        ConversationMessage.User("Which is it?") with { Position = 1, CreatedAt = Start, Tokens = new TokenAmount(4, "o200k_base") };

    private static readonly ConversationMessage OldAnswer = ConversationMessage.Assistant("The old one") with { Position = 2, CreatedAt = Second(1) };

    public static IReadOnlyList<OlderConversation> Conversations { get; } =
    [
        new(
            Olders.Conversation("conv_answers", "chat:cleo:support-bot", Start) with
            {
                Title = "Which is it?",
                MessageCount = 7,
                LastPosition = 7,
                LastActivityAt = Second(7),
                LastMessageAt = Second(7),
            },
            [
                Question with { RunNumber = 1 },
                OldAnswer with { RunNumber = 1 },
                ConversationMessage.User("And now?") with { Position = 3, RunNumber = 2, CreatedAt = Second(2) },
                ConversationMessage.Assistant("It is") with { Position = 4, RunNumber = 2, CreatedAt = Second(3), IsPartial = true, SupersededBy = 6 },
                ConversationMessage.Assistant("The new one") with { Position = 5, RunNumber = 3, CreatedAt = Second(4), SupersededBy = 5 },
                ConversationMessage.Assistant("Half") with { Position = 6, RunNumber = 4, CreatedAt = Second(5), IsPartial = true, SupersededBy = 4 },
                ConversationMessage.Assistant("Now it is\nhere") with { Position = 7, RunNumber = 6, CreatedAt = Second(7) },
            ],
            [
                RunOf(1, RunStatus.Completed, inputPosition: 1, outputPosition: 2, Start) with
                {
                    Model = "model-3",
                    Usage = new TokenUsage { InputTokens = 9, OutputTokens = 3 },
                    Cost = 0.25m,
                    IdempotencyKey = "key-1",
                    EndedAt = Second(1),
                },
                RunOf(2, RunStatus.Superseded, inputPosition: 3, outputPosition: 4, Second(2)) with
                {
                    Outcome = RunStatus.Failed,
                    SupersededBy = 6,
                    Error = "TimeoutException",
                    IdempotencyKey = "key-2",
                    EndedAt = Second(3),
                },
                RunOf(3, RunStatus.Superseded, inputPosition: 1, outputPosition: 5, Second(4)) with
                {
                    Outcome = RunStatus.Completed,
                    SupersededBy = 5,
                    IdempotencyKey = "key-3",
                },
                RunOf(4, RunStatus.Cancelled, inputPosition: 1, outputPosition: 6, Second(5)),
                RunOf(5, RunStatus.Completed, inputPosition: 1, outputPosition: 0, Second(6)),
                RunOf(6, RunStatus.Completed, inputPosition: 3, outputPosition: 7, Second(7)),
            ]),
        new(
            Olders.Conversation("conv_fork", "chat:cleo:support-bot", Second(9)) with
            {
                Title = "A fork",
                MessageCount = 3,
                LastPosition = 3,
                LastActivityAt = Second(10),
                LastMessageAt = Second(10),
                ForkedFrom = "msg_answers_2",
            },
            [
                Question,
                OldAnswer,
                ConversationMessage.User("Go on") with { Position = 3, RunNumber = 7, CreatedAt = Second(10) },
            ],
            [
                RunOf(7, RunStatus.Running, inputPosition: 3, outputPosition: 0, Second(10)) with { ConversationId = "conv_fork", EndedAt = null },
            ]),
    ];

    private static DateTimeOffset Second(int second) => Start.AddSeconds(second);

    private static ConversationRun RunOf(long number, RunStatus status, long inputPosition, long outputPosition, DateTimeOffset startedAt) => new()
    {
        ConversationId = "conv_answers",
        Number = number,
        Status = status,
        Caller = "cleo",
        InputPosition = inputPosition,
        InputCount = 1,
        OutputPosition = outputPosition,
        OutputCount = outputPosition == 0 ? 0 : 1,
        StartedAt = startedAt,
        EndedAt = startedAt,
    };
}
