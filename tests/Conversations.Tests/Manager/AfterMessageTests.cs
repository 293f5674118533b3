namespace Conversations.Tests.Manager;

/// <summary>Requests that state which message their caller knows last.</summary>
public abstract class AfterMessageTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Request_is_refused_when_another_answer_follows()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");

        var stale = () => AskAsync(After(one, "stale"));

        (await stale.Should().ThrowAsync<HistoryOutdatedException>()).Which.Should().BeEquivalentTo(new { Code = "HISTORY_OUTDATED", MessageId = one.ReplyMessageId });
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "two", "2");
    }

    [Fact]
    public async Task Request_is_refused_when_the_answer_came_while_it_waited()
    {
        var one = await AskAsync("one", "1");
        var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "two"), Cancellation);
        var stale = AskAsync(After(one, "stale") with { OnBusy = BusyPolicy.Wait(TimeSpan.FromHours(1)) });

        turn.Add(ConversationMessage.Assistant("2"));
        await turn.CommitAsync(Cancellation);

        await FluentActions.Awaiting(() => stale).Should().ThrowAsync<HistoryOutdatedException>();
    }

    [Fact]
    public async Task Policy_decides_whether_input_replaces_or_follows_what_the_caller_does_not_know()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        IReadOnlyList<ConversationMessage> prompt = [];

        await Alice.RunTurnAsync(After(one, "dos") with { OnEarlierMessage = EarlierMessagePolicy.Replace }, (turn, token) =>
        {
            prompt = turn.Prompt;
            return Say("2, rather")(turn, token);
        }, Cancellation);
        var replaced = await TextsAsync(one.ConversationId);
        await AskAsync(After(one, "tres") with { OnEarlierMessage = EarlierMessagePolicy.Append }, "3");

        prompt.Select(message => message.Text).Should().Equal("You are kind.", "one", "1", "dos");
        replaced.Should().Equal("one", "1", "dos", "2, rather");
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "dos", "2, rather", "tres", "3");
    }

    [Fact]
    public async Task Replacement_that_fails_leaves_the_later_messages_and_its_retry_replaces_them()
    {
        var one = await AskAsync("one", "1");
        await AskAsync("two", "2");
        var request = After(one, "dos") with { OnEarlierMessage = EarlierMessagePolicy.Replace, IdempotencyKey = "key" };
        await FluentActions.Awaiting(() => Alice.RunTurnAsync(request, (_, _) => throw new TimeoutException(), Cancellation)).Should().ThrowAsync<TimeoutException>();
        var between = await TextsAsync(one.ConversationId);

        await AskAsync(request, "2, rather");
        var replay = await AskAsync(request, "never");

        between.Should().Equal("one", "1", "two", "2");
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "dos", "2, rather");
        replay.Should().BeEquivalentTo(new { IsReplay = true, ReplyText = "2, rather" });
    }

    [Fact]
    public async Task Request_after_a_failed_one_replaces_it()
    {
        var one = await AskAsync("one", "1");
        await FluentActions.Awaiting(() => Alice.RunTurnAsync(After(one, "two"), (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("half"));
            throw new TimeoutException();
        }, Cancellation)).Should().ThrowAsync<TimeoutException>();

        await AskAsync(After(one, "again"), "2");

        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "again", "2");
        (await Alice.GetMessagesAsync(one.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation)).Should().HaveCount(6);
    }

    [Fact]
    public async Task Explanation_has_the_refusal_or_the_history_before_what_is_replaced()
    {
        var one = await AskAsync("one", "1");
        await FluentActions.Awaiting(() => Alice.RunTurnAsync(After(one, "two"), (_, _) => throw new TimeoutException(), Cancellation)).Should().ThrowAsync<TimeoutException>();

        var replaced = await Alice.ExplainAsync(After(one, "again"), Cancellation);
        await AskAsync("three", "3");
        var refused = await Alice.ExplainAsync(After(one, "again"), Cancellation);

        replaced.Refusal.Should().BeNull();
        replaced.Window!.MessageCount.Should().Be(2);
        refused.Refusal.Should().Be("HISTORY_OUTDATED");
    }

    [Fact]
    public async Task Request_continues_the_conversation_of_the_message_that_its_caller_knows()
    {
        var one = await AskAsync("one", "1");
        var other = await AskAsync(new TurnRequest(Bot, "new") { StartNew = true }, "n");
        var request = After(one, "two") with { IdempotencyKey = "key" };

        var explained = await Alice.ExplainAsync(request, Cancellation);
        var two = await AskAsync(request, "2");
        var replay = await AskAsync(request, "never");

        explained.Conversation!.Id.Should().Be(one.ConversationId);
        two.ConversationId.Should().Be(one.ConversationId);
        (await TextsAsync(one.ConversationId)).Should().Equal("one", "1", "two", "2");
        (replay.IsReplay, replay.ReplyText).Should().Be((true, "2"));
        (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation))!.Id.Should().Be(other.ConversationId, "an id moves no pointer");
    }

    [Fact]
    public async Task Request_begins_a_conversation_when_the_conversation_of_the_known_message_has_ended_or_was_deleted()
    {
        var one = await AskAsync("one", "1");
        await Alice.EndAsync(one.ConversationId!, Cancellation);
        var request = After(one, "two") with { IdempotencyKey = "key" };
        var explained = await Alice.ExplainAsync(request, Cancellation);

        var two = await AskAsync(request, "2");
        var replay = await AskAsync(request, "never");
        await Alice.DeleteAsync(two.ConversationId!, Cancellation);
        var three = await AskAsync(After(two, "three"), "3");

        explained.StartReason.Should().Be(ConversationStartReason.Ended);
        two.ConversationId.Should().NotBe(one.ConversationId);
        (replay.IsReplay, replay.RunId).Should().Be((true, two.RunId));
        (await TextsAsync(three.ConversationId)).Should().Equal("three", "3");
    }

    [Fact]
    public async Task Message_of_another_owner_has_no_effect_also_for_the_host()
    {
        var ofAlice = await AskAsync("one", "1");
        var stranger = await Bob.RunTurnAsync(After(ofAlice, "two"), Say("2"), Cancellation);
        var shared = await Manager.RunTurnAsync(new TurnRequest("team-bot", "three") { AfterMessageId = ofAlice.ReplyMessageId }, Say("3"), Cancellation);

        (await TextsAsync(stranger.ConversationId)).Should().Equal("two", "2");
        (await TextsAsync(shared.ConversationId)).Should().Equal("three", "3");
    }

    [Fact]
    public async Task Request_that_contradicts_itself_is_refused()
    {
        var one = await AskAsync("one", "1");

        foreach (var request in new[]
        {
            After(one, "x") with { ReplaceMessageId = one.InputMessageId },
            After(one, "x") with { StartNew = true },
            After(one, "x") with { OnEarlierMessage = (EarlierMessagePolicy)3 },
            new TurnRequest(Bot, "x") { OnEarlierMessage = (EarlierMessagePolicy)(-1) },
        })
        {
            await FluentActions.Awaiting(() => AskAsync(request)).Should().ThrowAsync<ArgumentException>().WithParameterName("request");
        }

        (await FluentActions.Awaiting(() => AskAsync(new TurnRequest(Bot, "x") { AfterMessageId = "nonsense" })).Should().ThrowAsync<ConversationNotFoundException>()).Which.Id.Should().Be("nonsense");
    }

    private static TurnRequest After(TurnResult known, string text) => new(Bot, text) { AfterMessageId = known.ReplyMessageId };
}

public sealed class AfterMessageTestsInMemory : AfterMessageTests<InMemory>;

public sealed class AfterMessageTestsOnSqlite : AfterMessageTests<Sqlite>;
