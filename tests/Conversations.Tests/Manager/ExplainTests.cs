namespace Conversations.Tests.Manager;

public sealed class ExplainTestsInMemory : ExplainTests<InMemory>;

public sealed class ExplainTestsOnSqlite : ExplainTests<Sqlite>;

public abstract class ExplainTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Explain_of_a_new_user_reports_a_new_conversation_and_creates_none()
    {
        var explanation = await Alice.ExplainAsync(new TurnRequest(Bot, "hello"), Cancellation);

        explanation.Should().BeEquivalentTo(new { Reason = ResolutionReason.Identity, StartReason = ConversationStartReason.First, IsPersisted = true });
        explanation.ToString().Should().Be(
            "Agent 'support-bot' is per-user in channel 'chat'. The caller's identity is the owner. The session is 'chat:alice:support-bot'. It would begin a conversation: there is none to continue.");
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Explain_names_the_conversation_that_would_be_continued()
    {
        var result = await AskAsync();

        var explanation = await Alice.ExplainAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var fresh = await Alice.ExplainAsync(new TurnRequest(Bot, "hello") { StartNew = true }, Cancellation);

        explanation.Conversation!.Id.Should().Be(result.ConversationId);
        explanation.StartReason.Should().BeNull();
        fresh.Should().BeEquivalentTo(new { Conversation = (Conversation?)null, StartReason = ConversationStartReason.Requested });
    }

    [Fact]
    public async Task Explain_reports_that_the_last_conversation_has_ended()
    {
        await AskAsync();
        await Alice.EndCurrentAsync(Bot, cancellationToken: Cancellation);

        var explanation = await Alice.ExplainAsync(new TurnRequest(Bot, "hello"), Cancellation);

        explanation.StartReason.Should().Be(ConversationStartReason.Ended);
    }

    [Fact]
    public async Task Explain_by_id_reports_a_refusal()
    {
        var mine = await AskAsync();
        var request = new TurnRequest(Bot, "hello") { ConversationId = mine.ConversationId };

        var open = await Alice.ExplainAsync(request, Cancellation);
        var foreign = await Bob.ExplainAsync(request, Cancellation);
        var otherAgent = await Alice.ExplainAsync(new TurnRequest("audit-bot", "hello") { ConversationId = mine.ConversationId }, Cancellation);
        await Alice.EndAsync(mine.ConversationId!, Cancellation);
        var ended = await Alice.ExplainAsync(request, Cancellation);

        open.Should().BeEquivalentTo(new { IsPersisted = true, Refusal = (string?)null });
        foreign.Should().BeEquivalentTo(new { Refusal = "CONVERSATION_NOT_FOUND", Conversation = (Conversation?)null, IsPersisted = false });
        otherAgent.Refusal.Should().Be("CONVERSATION_NOT_FOUND");
        ended.Refusal.Should().Be("CONVERSATION_ENDED");
    }

    [Fact]
    public async Task Explain_reports_why_nothing_is_stored()
    {
        var anonymous = await Manager.ExplainAsync(new TurnRequest(Bot, "hello"), Cancellation);
        var stateless = await Alice.ExplainAsync(new TurnRequest("oracle", "hello"), Cancellation);
        var strict = await Manager.ExplainAsync(new TurnRequest("strict-bot", "hello"), Cancellation);

        anonymous.Should().BeEquivalentTo(new { Reason = ResolutionReason.NoIdentity, IsPersisted = false, Refusal = (string?)null });
        anonymous.ToString().Should().EndWith("The caller has no identity. Nothing would be stored.");
        stateless.Should().BeEquivalentTo(new { Reason = ResolutionReason.Stateless, IsPersisted = false });
        strict.Refusal.Should().Be("IDENTITY_REQUIRED");
    }

    [Fact]
    public async Task Explain_distinguishes_threads_and_shared_histories()
    {
        var thread = await Alice.ExplainAsync(new TurnRequest(Bot, "hello") { Thread = "order-7" }, Cancellation);
        var shared = await Manager.ExplainAsync(new TurnRequest("team-bot", "hello"), Cancellation);

        thread.Should().BeEquivalentTo(new { Reason = ResolutionReason.Thread, Scope = new { SessionId = "*:#order-7;tenant_id:support-bot" } });
        shared.Should().BeEquivalentTo(new { Reason = ResolutionReason.Shared, Scope = new { SessionId = "*:*;tenant_id:team-bot" } });
    }
}
