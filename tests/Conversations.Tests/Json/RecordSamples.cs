namespace Conversations.Tests.Json;

/// <summary>A value of each public record, in which no property has its default.</summary>
internal static class RecordSamples
{
    private const string ConversationId = "conv_01972b5cee7b70b4ac02b5082d4ac081";

    // Of a user and a model, with what JSON escapes.
    private const string Text = "Wo ist \"es\"?\n\u0000 \U0001F600 \u202E \u2028 </script> \uFFFF";

    private static readonly DateTimeOffset Time = new(2025, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    private static readonly TokenUsage Usage = new() { InputTokens = 10, OutputTokens = 5, CachedInputTokens = 3, CacheWriteInputTokens = 2, ReasoningTokens = 1 };

    private static readonly TokenAmount Amount = new(7, "o200k_base/ml");

    private static readonly ContentPart[] AllParts =
    [
        new TextPart(Text) { Metadata = """{ "a" : [1.0, 1e2] }""" },
        new ReasoningPart(Text) { ProtectedData = "c2ln", Metadata = "{}" },
        new ToolCallPart("call_1", "track", "{ not JSON") { Metadata = "{}" },
        new ToolResultPart("call_1", Text) { Name = "track", IsError = true, Metadata = "{}" },
        new DataPart("image/png", new byte[] { 1, 2, 3 }, "a.png") { Metadata = "{}" },
        new DataPart("image/png", new byte[] { 1, 2, 3 }, "a.png") { Metadata = "{}" }.WithoutData(),
        new ErrorPart(Text) { Code = "SOMETHING", Metadata = "{}" },
        new ApprovalRequestPart("request_1", """{ "tool": "pay" }""") { Metadata = "{}" },
        new ApprovalResponsePart("request_1", """{"approved":true}""") { Metadata = "{}" },
        new RawPart("""{ "type" : "image_url", "url":"x", "n": 1.50 }"""),
        RawPart.OfAdapter("""{"type":"ai_content","content":{"$type":"uri"}}"""),
    ];

    private static readonly StoredMessage Message = new(new ConversationMessage(MessageRole.Tool, AllParts) { AuthorName = "ada", Metadata = """{"k": "v"}""", CreatedAt = Time })
    {
        ConversationId = ConversationId,
        Position = 4,
        RunNumber = 3,
        IsPartial = true,
        SupersededBy = 5,
        Tokens = Amount,
    };

    private static readonly Conversation Conversation = new()
    {
        Id = ConversationId,
        SessionId = "chat:ada:bot",
        Project = "p",
        Agent = "bot",
        Channel = "chat",
        UserId = "ada",
        Thread = "deal/7",
        Title = Text,
        Status = ConversationStatus.Archived,
        LastRunStatus = RunStatus.Cancelled,
        MessageCount = 3,
        LastPosition = 4,
        CreatedAt = Time,
        LastActivityAt = Time.AddHours(1),
        LastMessageAt = Time.AddHours(2),
        EndedAt = Time.AddHours(3),
        ForkedFrom = "msg",
        Metadata = """{ "ticket" : 7.0 }""",
    };

    private static readonly ConversationRun Run = new()
    {
        ConversationId = ConversationId,
        Number = 3,
        Kind = RunKind.Summary,
        Status = RunStatus.Superseded,
        Outcome = RunStatus.Failed,
        SupersededBy = 5,
        Caller = "user_id=ada",
        Model = "m2",
        FinishReason = "stop",
        Usage = Usage,
        UsageByModel = [new ModelUsage { Model = "m1", Usage = Usage, Cost = 0.01m }, new ModelUsage { Model = "m2", Usage = Usage }],
        PromptTokens = 9,
        HistoryTokens = 8,
        WindowStart = 2,
        Cost = 0.123456789m,
        Error = "System.Exception",
        IdempotencyKey = "key",
        IsOnExistingInput = true,
        InputPosition = 1,
        InputCount = 2,
        ReplacedPosition = 1,
        OutputPosition = 3,
        OutputCount = 4,
        StartedAt = Time,
        EndedAt = Time.AddMinutes(1),
    };

    private static readonly ConversationSummary Summary = new() { ConversationId = ConversationId, Through = 2, MessageCount = 2, Text = Text, Tokens = Amount, CreatedAt = Time };

    private static readonly UsageTotals Totals = new()
    {
        Runs = 1,
        RunsWithoutUsage = 2,
        RunsWithoutCost = 3,
        InputTokens = 4,
        OutputTokens = 5,
        CachedInputTokens = 6,
        CacheWriteInputTokens = 7,
        ReasoningTokens = 8,
        Cost = 9.5m,
        PromptTokens = 10,
        HistoryTokens = 11,
    };

    private static readonly MessageFeedback Feedback = new() { ConversationId = ConversationId, Position = 4, Caller = "user_id=ada", Rating = -1, Comment = Text, GivenAt = Time };

    private static readonly ContextWindow Window = new() { MessageCount = 2, Tokens = Amount, MessageLimit = 40, TokenLimit = 100, FirstPosition = 2, Summary = Summary, Excluded = [new ExcludedRange(ExclusionReason.TokenLimit, 3, 4)] };

    /// <summary>The values.</summary>
    public static IReadOnlyList<object> All { get; } =
    [
        .. AllParts,
        new ConversationMessage(MessageRole.User, AllParts) { AuthorName = "ada", Metadata = """{"k": "v"}""", CreatedAt = Time, IsPartial = true, Tokens = Amount },
        Message, Conversation, Run, Summary, Usage, Amount, Totals, Window,
        Feedback,
        new Page<MessageFeedback>([Feedback], "next"),
        Run.UsageByModel[0],
        Window.Excluded[0],
        new Page<StoredMessage>([Message], "next"),
        new Page<Conversation>([Conversation], "next"),
        new Page<ConversationRun>([Run], "next"),
        new TurnApproval(new ApprovalRequestPart("request_1", "{}"), new ApprovalResponsePart("request_1", "{}")),
        new TurnResult { ConversationId = ConversationId, RunId = Run.Id, InputMessageId = Message.Id, IsReplay = true, StartReason = ConversationStartReason.Requested, Messages = [Message, ConversationMessage.Assistant(Text)] },
        new StreamUpdate { Offset = 3, Fragment = Message, EndedAs = RunStatus.Cancelled },
        new UsageReport([Row], Totals),
        Row,
        new DamagedData(ConversationId, 3),
        new StoreHealth("STORE_FULL", TimeSpan.FromMilliseconds(3)),
        ConversationScope.Parse(Scope.SessionId),
        new TurnExplanation { Agent = "bot", Channel = "api", Mode = PersistenceMode.Shared, Reason = ResolutionReason.Thread, Scope = Scope, Conversation = Conversation, StartReason = ConversationStartReason.Ended, Refusal = "LOCKED", Window = Window },
        new SummaryRequest { Agent = "bot", ConversationId = ConversationId, PreviousSummary = Text, Messages = [Message], TokenLimit = 9 },
        new SummaryResult(Text) { Model = "m", Usage = Usage, Cost = 0.5m },
    ];

    private static ConversationScope Scope => new("p", "bot", ConversationOwner.SharedBy(["tenant_id"], ConversationIdentity.ForUser("ada", "acme"), "deal/7"), channel: null);

    private static UsageRow Row => new() { ConversationId = ConversationId, Agent = "bot", TenantId = "acme", UserId = "ada", Day = new DateOnly(2025, 3, 4), Kind = RunKind.Summary, Model = "m", Totals = Totals };
}
