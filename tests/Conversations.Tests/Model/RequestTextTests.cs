namespace Conversations.Tests.Model;

/// <summary>What requests and results print of themselves, as a log line would.</summary>
public sealed class RequestTextTests
{
    private const string Canary = "canary";

    private const string Json = $$"""{"{{Canary}}":"{{Canary}}"}""";

    /// <summary>Each kind of request, with the canary in every key and content.</summary>
    public static TheoryData<string> Kinds => ["turn", "regenerate", "import", "query", "usage", "run", "result"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ToString_contains_no_key_and_no_content(string kind)
    {
        object request = kind switch
        {
            "turn" => new TurnRequest("bot", Canary) { Thread = Canary, IdempotencyKey = Canary, ConversationMetadata = Json },
            "regenerate" => new RegenerateRequest("msg_1_1") { IdempotencyKey = Canary },
            "import" => new ConversationImport("bot", [ConversationMessage.User(Canary)]) { Identity = ConversationIdentity.ForUser(Canary), Thread = Canary, Title = Canary, Metadata = Json },
            "query" => new ConversationQuery { Agent = "bot", UserId = Canary, Thread = Canary, Metadata = Json },
            "usage" => new UsageQuery { Agent = "bot" },
            "run" => new ConversationRun { ConversationId = "conv_1", Number = 1, Status = RunStatus.Completed, Caller = Canary, IdempotencyKey = Canary, StartedAt = DateTimeOffset.UnixEpoch },
            _ => new TurnResult { ConversationId = "conv_1", RunId = "run_1_1", InputMessageId = "msg_1_1", Messages = [ConversationMessage.Assistant(Canary)] },
        };

        request.ToString().Should().NotContain(Canary).And.MatchRegex("bot|_1");
    }

    [Theory]
    [InlineData(null, null, false, "(current)")]
    [InlineData(null, null, true, "(new)")]
    [InlineData(null, "key", false, "(thread)")]
    [InlineData("conv_1", null, false, "conv_1")]
    public void ToString_of_turn_request_states_its_target(string? conversationId, string? thread, bool startNew, string expected) =>
        new TurnRequest("bot", "hello") { ConversationId = conversationId, Thread = thread, StartNew = startNew }.ToString().Should().Contain(expected);
}
