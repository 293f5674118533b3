using System.Globalization;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>Messages whose content was damaged in the file: each says so, spoils no other, and is quoted nowhere.</summary>
public sealed class DamagedMessageTests : IAsyncDisposable
{
    private const string Garbage = """[{"type":"text","text":"secret""";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly SqliteConversationStore _store;
    private readonly JoiningSummarizer _summarizer = new();
    private readonly ConversationManager _manager;

    public DamagedMessageTests()
    {
        _store = new SqliteConversationStore(_folder.ConnectionString(), _clock);
        var options = new ConversationOptions()
            .AddAgent("bot", agent => agent.SystemPrompt = null)
            .AddAgent("short", agent => (agent.HistoryLimit, agent.HistoryTrim) = (5, 1))
            .AddAgent("words", agent =>
            {
                agent.TokenLimit = 3 + (5 * 4);
                agent.HistoryTrim = 1;
                agent.TokenCounter = TokenCounter.Create("words", static text => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
            })
            .AddAgent("summed", agent =>
            {
                agent.HistoryLimit = 3;
                agent.Summarizer = _summarizer;
                agent.SummaryThreshold = 2;
            });
        _manager = new ConversationManager(_store, options, _clock);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ScopedConversations Alice => _manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1, Garbage)]
    [InlineData(1, "")]
    [InlineData(1, "{}")]
    [InlineData(1, """[{"type":"text","text":"\ud800 secret"}]""")]
    [InlineData(2, """{"parts":[{"type":"text","text":"secret"}],"metadata":"secret"}""")]
    [InlineData(2, """[{"type":"text","text":"secret"}]""")]
    [InlineData(9, "secret")]
    [InlineData(9, """[{"type":"text","text":"secret"}]""")]
    [InlineData(-1, "secret")]
    [InlineData(1L << 32, "secret")]
    public async Task Reading_returns_a_damaged_message_as_an_error_among_the_others(long format, string content)
    {
        var asked = await TalkAsync("bot", 2);
        Damage(asked.ConversationId!, format, content, 2);

        var messages = await MessagesAsync(asked.ConversationId);

        messages.Select(message => message.Text).Should().Equal("q1", "", "q2", "a2");
        messages[1].Parts.Should().Equal(new ErrorPart("The content of this message is damaged and cannot be read.") { Code = ConversationErrorCodes.StoreCorrupt });
        messages[1].Should().BeEquivalentTo(new { Kind = MessageKind.Error, Role = MessageRole.Assistant, Position = 2L, RunNumber = 1L, CreatedAt = _clock.GetUtcNow(), Metadata = (string?)null });
    }

    [Theory]
    [InlineData("role = 9", false)]
    [InlineData("role = -1", false)]
    [InlineData("role = 1 + (1 << 32)", false)]
    [InlineData("created_at = -1", true)]
    [InlineData("created_at = 9223372036854775807", true)]
    [InlineData("created_at = -1, role = 9, format = 9, tokens = -1", true)]
    public async Task Reading_returns_an_error_when_role_or_time_is_impossible(string damage, bool isOfTime)
    {
        var asked = await TalkAsync("bot", 2);
        Set(asked.ConversationId!, damage, 2);

        var messages = await MessagesAsync(asked.ConversationId);
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("bot", "q3"), Cancellation);

        messages.Select(message => message.Text).Should().Equal("q1", "", "q2", "a2");
        messages[1].Parts.Should().Equal(MessageContent.Damaged);
        (messages[1].Role, messages[1].CreatedAt).Should().Be((MessageRole.Assistant, isOfTime ? DateTimeOffset.MinValue : _clock.GetUtcNow()));
        turn.Prompt.Select(message => message.Text).Should().Equal("q1", "q2", "a2", "q3");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1L << 31)]
    [InlineData(long.MaxValue)]
    public async Task Token_count_is_null_when_it_is_impossible(long count)
    {
        var asked = await TalkAsync("words", 3);
        Set(asked.ConversationId!, string.Create(CultureInfo.InvariantCulture, $"tokens = {count}, counter = 'words'"), 5);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        (await MessagesAsync(asked.ConversationId))[4].Tokens.Should().BeNull();
        turn.History.Select(message => message.Text).Should().Equal("q3", "a3");
    }

    [Fact]
    public async Task Next_turn_omits_it_and_its_window_reports_that()
    {
        var asked = await TalkAsync("bot", 2);
        Damage(asked.ConversationId!, 1, Garbage, 2);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("bot", "q3"), Cancellation);
        var prompt = turn.Prompt.Select(message => message.Text).ToList();
        turn.Add(ConversationMessage.Assistant("a3"));
        await turn.CommitAsync(Cancellation);

        prompt.Should().Equal("q1", "q2", "a2", "q3");
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.NotForModel, 2, 2));
        (await MessagesAsync(asked.ConversationId)).Should().HaveCount(6);
    }

    [Theory]
    [InlineData(2, ExclusionReason.NoCall, 3)]
    [InlineData(3, null, 3)]
    public async Task Window_has_no_result_without_its_call_and_no_call_without_a_result(long position, ExclusionReason? alsoOmitted, long also)
    {
        var asked = await Alice.RunTurnAsync("bot", "look", (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("1", "look", "{}"));
            turn.Add(ConversationMessage.ToolResult("1", "seen"));
            turn.Add(ConversationMessage.Assistant("done"));
            return Task.CompletedTask;
        }, Cancellation);
        Damage(asked.ConversationId!, 1, Garbage, position);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("bot", "next"), Cancellation);

        turn.History.SelectMany(message => message.Parts).Where(part => part is ToolCallPart or ToolResultPart).Should().HaveCount(alsoOmitted is null ? 2 : 0);
        turn.History[^1].Text.Should().Be("done");
        var damaged = new ExcludedRange(ExclusionReason.NotForModel, position, position);
        turn.Window.Excluded.Should().Equal(alsoOmitted is { } reason ? [damaged, new ExcludedRange(reason, also, also)] : [damaged]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_call_can_be_answered_when_another_message_is_damaged(bool isResult)
    {
        var asked = await Alice.RunTurnAsync("bot", "look", (turn, _) =>
        {
            turn.Add(new ConversationMessage(MessageRole.Assistant, new ToolCallPart("1", "look", "{}"), new ToolCallPart("2", "look", "{}")));
            turn.Add(ConversationMessage.ToolResult("1", "seen"));
            return Task.CompletedTask;
        }, Cancellation);
        Damage(asked.ConversationId!, 1, Garbage, isResult ? 3 : 1);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("bot", ConversationMessage.ToolResult("2", "seen, too")), Cancellation);

        turn.Prompt[^1].Parts.Should().Equal(new ToolResultPart("2", "seen, too"));
        turn.History.Should().Contain(message => message.Kind == MessageKind.ToolCall);
    }

    [Fact]
    public async Task Call_that_is_damaged_cannot_be_answered()
    {
        var asked = await Alice.RunTurnAsync("bot", "look", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.ToolCall("1", "look", "{}"))), Cancellation);
        Damage(asked.ConversationId!, 1, Garbage, 2);

        var answering = () => Alice.BeginTurnAsync(new TurnRequest("bot", ConversationMessage.ToolResult("1", "seen")), Cancellation);

        await answering.Should().ThrowAsync<ToolCallNotOpenException>();
        (await AskAsync("bot", "go on", "yes")).ReplyText.Should().Be("yes");
    }

    [Fact]
    public async Task Window_of_messages_continues_behind_many_damaged_ones()
    {
        var asked = await TalkAsync("short", 300);
        Damage(asked.ConversationId!, 1, Garbage, [.. Enumerable.Range(5, 594).Select(position => (long)position)]);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("short", "now"), Cancellation);

        turn.History.Select(message => message.Text).Should().Equal("q2", "a2", "q300", "a300");
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.MessageLimit, 1, 2), new ExcludedRange(ExclusionReason.NotForModel, 5, 598));
    }

    [Fact]
    public async Task Window_of_tokens_uses_the_room_of_damaged_messages_for_older_ones()
    {
        // A message of one word costs 5, so beside the input there is room for three.
        var asked = await TalkAsync("words", 4);
        Damage(asked.ConversationId!, 1, Garbage, 5, 7);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.History.Select(message => message.Text).Should().Equal(["q2", "a3", "a4"], "no user message is among them, so the question comes first");
        turn.Window.Excluded.Should().Equal(
            new ExcludedRange(ExclusionReason.TokenLimit, 1, 2),
            new ExcludedRange(ExclusionReason.TokenLimit, 4, 5),
            new ExcludedRange(ExclusionReason.NotForModel, 7, 7));
    }

    [Fact]
    public async Task Window_of_damaged_messages_only_is_empty_and_reports_them()
    {
        var asked = await TalkAsync("words", 2);
        Damage(asked.ConversationId!, 1, Garbage, 1, 2, 3, 4);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("words", "now"), Cancellation);

        turn.Prompt.Should().ContainSingle();
        turn.Window.Excluded.Should().Equal(new ExcludedRange(ExclusionReason.NotForModel, 1, 4));
    }

    [Fact]
    public async Task Summary_is_made_of_the_others()
    {
        var asked = await TalkAsync("summed", 1);
        Damage(asked.ConversationId!, 1, Garbage, 1);
        await TalkAsync("summed", 4, from: 2);
        await _manager.WaitForSummariesAsync(Cancellation);

        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("summed", "now"), Cancellation);

        turn.Window.Summary!.Text.Should().StartWith("a1 q2 a2").And.NotContain("damaged");
    }

    [Fact]
    public async Task Fork_copies_the_others_and_an_error_for_the_damaged_message()
    {
        var asked = await TalkAsync("bot", 2);
        Damage(asked.ConversationId!, 1, Garbage, 2);

        var fork = await Alice.ForkAsync(asked.ReplyMessageId!, cancellationToken: Cancellation);
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest("bot", "q3") { ConversationId = fork.Id }, Cancellation);

        (await MessagesAsync(fork.Id)).Select(message => (message.Text, message.Kind == MessageKind.Error)).Should().Equal(("q1", false), ("", true), ("q2", false), ("a2", false), ("q3", false));
        turn.History.Select(message => message.Text).Should().Equal("q1", "q2", "a2");
    }

    [Fact]
    public async Task Regenerate_of_a_damaged_answer_answers_its_question()
    {
        var asked = await TalkAsync("bot", 2);
        Damage(asked.ConversationId!, 1, Garbage, 4);

        await Alice.RegenerateAsync(asked.ReplyMessageId!, Say("a2 again"), Cancellation);

        (await MessagesAsync(asked.ConversationId)).Select(message => message.Text).Should().Equal("q1", "a1", "q2", "a2 again");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Regenerate_of_a_damaged_question_is_refused_and_answers_no_other(bool isImported)
    {
        var id = isImported
            ? (await _manager.ImportAsync(new ConversationImport("bot", [ConversationMessage.User("q1"), ConversationMessage.User("q2"), ConversationMessage.Assistant("a1"), ConversationMessage.Assistant("a2")]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation)).Id
            : (await TalkAsync("bot", 2)).ConversationId!;
        Damage(id, 1, Garbage, isImported ? 2 : 3);

        var answer = (await MessagesAsync(id))[3].Id!;

        var again = () => Alice.RegenerateAsync(answer, Say("again"), Cancellation);

        var thrown = (await again.Should().ThrowAsync<ConversationStoreException>()).Which;
        thrown.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        thrown.ToString().Should().NotContain("secret");
        (await AskAsync("bot", "next", "yes")).ReplyText.Should().Be("yes");
    }

    [Fact]
    public async Task Retry_uses_the_input_of_the_request_when_the_saved_input_is_damaged()
    {
        var request = new TurnRequest("bot", "pay") { IdempotencyKey = "event" };
        var failing = () => Alice.RunTurnAsync(request, (_, _) => throw new TimeoutException(), Cancellation);
        await failing.Should().ThrowAsync<TimeoutException>();
        var id = (await Alice.GetCurrentAsync("bot", cancellationToken: Cancellation))!.Id;
        Damage(id, 1, Garbage, 1);

        await using var turn = await Alice.BeginTurnAsync(request, Cancellation);

        turn.Prompt.Select(message => (message.Text, message.Id)).Should().Equal(("pay", (await MessagesAsync(id))[0].Id));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Replay_is_refused_when_its_answer_is_damaged_and_not_when_a_tool_message_is(long position, bool isRefused)
    {
        var request = new TurnRequest("bot", "pay") { IdempotencyKey = "event" };
        var asked = await Alice.RunTurnAsync(request, (turn, _) =>
        {
            turn.Add(ConversationMessage.ToolCall("1", "pay", "{}"));
            turn.Add(ConversationMessage.ToolResult("1", "ok"));
            return Task.FromResult(turn.Add(ConversationMessage.Assistant("paid")));
        }, Cancellation);
        Damage(asked.ConversationId!, 1, Garbage, position);

        var again = () => Alice.RunTurnAsync(request, Say("paid twice"), Cancellation);

        if (isRefused)
            (await again.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        else
            (await again()).Should().BeEquivalentTo(new { IsReplay = true, ReplyText = "paid" });
    }

    [Fact]
    public async Task Replay_throws_store_corrupt_when_its_answer_is_damaged()
    {
        var request = new TurnRequest("bot", "pay") { IdempotencyKey = "event" };
        var asked = await Alice.RunTurnAsync(request, Say("paid"), Cancellation);
        Damage(asked.ConversationId!, 1, Garbage, 2);

        var again = () => Alice.RunTurnAsync(request, Say("paid twice"), Cancellation);

        var thrown = (await again.Should().ThrowAsync<ConversationStoreException>()).Which;
        thrown.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
        thrown.Message.Should().Contain(asked.ReplyMessageId).And.NotContain("secret");
        (await MessagesAsync(asked.ConversationId)).Should().HaveCount(2);
    }

    [Theory]
    [InlineData("content = '" + Garbage + "'")]
    [InlineData("content = json_set(content, '$.role', 9)")]
    [InlineData("content = json_set(content, '$.time', -1)")]
    [InlineData("content = replace(content, 'one', 'two')")]
    [InlineData("checksum = checksum + 1")]
    public async Task Follow_returns_an_error_for_a_damaged_segment_and_the_other_segments(string damage)
    {
        await using (var turn = await Alice.BeginTurnAsync(new TurnRequest("bot", "hello"), Cancellation))
        {
            await foreach (var _ in turn.StreamAsync(Ticking("one ", "two ", "three"), Cancellation))
            {
            }

            using var inspector = new Inspector(_folder);
            inspector.Execute($"UPDATE segments SET {damage} WHERE number = 1");
            await using var follower = Alice.FollowAsync(turn.RunId!, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);

            (await follower.MoveNextAsync()).Should().BeTrue();
            follower.Current.Fragment!.Parts[0].Should().BeOfType<ErrorPart>().Which.Code.Should().Be(ConversationErrorCodes.StoreCorrupt);
            (await follower.MoveNextAsync()).Should().BeTrue();
            follower.Current.Text.Should().NotBeEmpty();
        }
    }

    private static Func<ConversationTurn, CancellationToken, Task> Say(string text) => (turn, _) => Task.FromResult(turn.Add(ConversationMessage.Assistant(text)));

    private async IAsyncEnumerable<string> Ticking(params string[] texts)
    {
        foreach (var text in texts)
        {
            yield return text;
            _clock.Advance(TimeSpan.FromSeconds(2));
        }

        await Task.CompletedTask;
    }

    private Task<TurnResult> AskAsync(string agent, string question, string answer) => Alice.RunTurnAsync(agent, question, Say(answer), Cancellation);

    /// <summary>Asks q1, q2 …, which are answered a1, a2 …</summary>
    private async Task<TurnResult> TalkAsync(string agent, int turns, int from = 1)
    {
        for (var i = from; i < from + turns - 1; i++)
            await AskAsync(agent, string.Create(CultureInfo.InvariantCulture, $"q{i}"), string.Create(CultureInfo.InvariantCulture, $"a{i}"));
        var last = from + turns - 1;
        return await AskAsync(agent, string.Create(CultureInfo.InvariantCulture, $"q{last}"), string.Create(CultureInfo.InvariantCulture, $"a{last}"));
    }

    private async Task<List<StoredMessage>> MessagesAsync(string? id) => await Alice.GetMessagesAsync(id!, cancellationToken: Cancellation).ToListAsync(Cancellation);

    private void Damage(string id, long format, string content, params long[] positions) =>
        Set(id, string.Create(CultureInfo.InvariantCulture, $"format = {format}, content = '{content}'"), positions);

    private void Set(string id, string values, params long[] positions)
    {
        using var inspector = new Inspector(_folder);
        inspector.Execute(string.Create(
            CultureInfo.InvariantCulture,
            $"UPDATE messages SET {values} WHERE key - ((SELECT key FROM conversations WHERE id = '{id}') << 32) IN ({string.Join(',', positions)})"));
    }

    private sealed class JoiningSummarizer : IConversationSummarizer
    {
        public Task<SummaryResult> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default) =>
            Task.FromResult<SummaryResult>(string.Join(' ', [.. new[] { request.PreviousSummary }.OfType<string>(), .. request.Messages.Select(message => message.Text)]));
    }
}
