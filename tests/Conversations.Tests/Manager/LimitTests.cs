namespace Conversations.Tests.Manager;

public sealed class LimitTestsInMemory : LimitTests<InMemory>;

public sealed class LimitTestsOnSqlite : LimitTests<Sqlite>;

/// <summary>The limits on sizes and numbers.</summary>
public abstract class LimitTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const int Bytes = 4_096;

    /// <summary>Messages that exceed one limit each.</summary>
    public static TheoryData<string> TooLarge => ["MaxMessageBytes", "MaxMessageParts", "MaxMetadataBytes"];

    [Theory]
    [MemberData(nameof(TooLarge))]
    public async Task RunTurn_is_refused_before_input_is_counted_or_written_when_input_exceeds_limit(string limit)
    {
        var counter = new CountingCounter("words");
        var mine = Mine(Limited(Options().AddAgent("counting-bot", agent => agent.TokenCounter = counter)));
        counter.Reset();

        var asking = () => mine.RunTurnAsync(new TurnRequest("counting-bot", Large(MessageRole.User, limit)), Say("hi"), Cancellation);

        var refused = (await asking.Should().ThrowAsync<MessageTooLargeException>()).Which;
        refused.Should().BeEquivalentTo(new { Code = ConversationErrorCodes.MessageTooLarge, LimitName = limit });
        refused.Size.Should().BeGreaterThan(refused.Limit);
        typeof(ConversationLimits).GetProperty(refused.LimitName).Should().NotBeNull();
        counter.Counted.Should().BeEmpty();
        (await mine.GetCurrentAsync("counting-bot", cancellationToken: Cancellation)).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(TooLarge))]
    public async Task Add_is_refused_and_turn_stays_open_when_message_exceeds_limit(string limit)
    {
        var mine = Mine(Limited(Options()));

        var result = await mine.RunTurnAsync(
            Bot,
            "hello",
            (turn, _) =>
            {
                turn.Invoking(open => open.Add(Large(MessageRole.Assistant, limit))).Should().Throw<MessageTooLargeException>().Which.LimitName.Should().Be(limit);
                return Task.FromResult("short");
            },
            Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal("hello", "short");
    }

    [Fact]
    public async Task RunTurn_is_refused_when_messages_of_input_together_exceed_limit()
    {
        var half = ConversationMessage.User(new string('x', (Bytes / 2) + 1));

        var asking = () => Mine(Limited(Options())).RunTurnAsync(new TurnRequest(Bot, [half, half]), Say("hi"), Cancellation);

        (await asking.Should().ThrowAsync<MessageTooLargeException>()).Which.LimitName.Should().Be("MaxMessageBytes");
        (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Name_of_model_and_finish_reason_are_refused_when_they_are_too_long()
    {
        await using var turn = await Alice.BeginTurnAsync(new TurnRequest(Bot, "hello"), Cancellation);

        var model = () => turn.Model = new string('m', 1_025);
        var reason = () => turn.FinishReason = new string('r', 1_025);

        model.Should().Throw<ArgumentException>().WithParameterName("Model");
        reason.Should().Throw<ArgumentException>().WithParameterName("FinishReason");
    }

    [Fact]
    public async Task Message_is_stored_when_it_is_as_large_as_limit()
    {
        var mine = Mine(Limited(Options()));

        var result = await mine.RunTurnAsync(new TurnRequest(Bot, new string('é', Bytes / 2)), Say(new string('x', Bytes)), Cancellation);

        (await TextsAsync(result.ConversationId)).Should().Equal(new string('é', Bytes / 2), new string('x', Bytes));
    }

    [Fact]
    public async Task Stream_is_stopped_and_keeps_output_so_far_when_message_exceeds_limit()
    {
        var mine = Mine(Limited(Options()));
        var pieces = Enumerable.Repeat(new string('x', 1_000), 10).ToAsyncEnumerable();

        var asking = () => mine.RunTurnAsync(
            Bot,
            "hello",
            async (turn, cancellationToken) =>
            {
                await foreach (var piece in turn.StreamAsync(pieces, cancellationToken))
                    piece.Should().HaveLength(1_000);
            },
            Cancellation);

        (await asking.Should().ThrowAsync<MessageTooLargeException>()).Which.LimitName.Should().Be("MaxMessageBytes");
        var current = await mine.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await TextsAsync(current!.Id)).Should().Equal("hello", new string('x', 4_000));
    }

    [Fact]
    public async Task Stream_is_one_part_when_its_pieces_are_one_text()
    {
        var mine = Mine(Limited(Options()));
        var pieces = Enumerable.Repeat("x", 100).ToAsyncEnumerable();

        var result = await mine.RunTurnAsync(
            Bot,
            "hello",
            async (turn, cancellationToken) =>
            {
                await foreach (var piece in turn.StreamAsync(pieces, cancellationToken))
                    piece.Should().Be("x");
            },
            Cancellation);

        result.ReplyText.Should().Be(new string('x', 100));
    }

    [Fact]
    public async Task Import_writes_nothing_when_message_exceeds_limit()
    {
        var manager = Limited(Options());

        var importing = () => manager.ImportAsync(
            new ConversationImport(Bot, [ConversationMessage.User("hello"), Large(MessageRole.Assistant, "MaxMessageBytes")]) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);

        await importing.Should().ThrowAsync<MessageTooLargeException>();
        (await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Regenerate_answers_input_that_was_stored_under_greater_limit()
    {
        var asked = await Alice.RunTurnAsync(Bot, new string('x', 2 * Bytes), Say("first"), Cancellation);

        var again = await Mine(Limited(Options())).RegenerateAsync(asked.Messages[0].Id!, (_, _) => Task.FromResult("second"), Cancellation);

        again.ReplyText.Should().Be("second");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_ends_when_its_messages_have_maximum_size(bool newestFirst)
    {
        var messages = Enumerable.Range(0, 60).Select(number => ConversationMessage.User($"{number} {new string('x', number % 7 == 0 ? 3_000 : 300)}")).ToList();
        var imported = await Manager.ImportAsync(new ConversationImport(Bot, messages) { Identity = ConversationIdentity.ForUser("alice") }, Cancellation);
        var manager = Limited(Options());
        var query = new MessageQuery { PageSize = 50, NewestFirst = newestFirst };

        var pages = new List<IReadOnlyList<StoredMessage>>();
        string? cursor = null;
        do
        {
            var page = await manager.GetMessagePageAsync(imported.Id, query, cursor, Cancellation);
            pages.Add(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        var texts = messages.Select(message => message.Text);
        pages.SelectMany(page => page).Select(message => message.Text).Should().Equal(newestFirst ? texts.Reverse() : texts);
        pages.Should().HaveCountGreaterThan(4).And.OnlyContain(page => page.Count > 0 && page.Sum(message => message.Text.Length) <= Bytes);
    }

    [Fact]
    public async Task Page_has_one_message_when_that_exceeds_maximum_size()
    {
        var asked = await Alice.RunTurnAsync(Bot, new string('x', 2 * Bytes), Say(new string('y', 2 * Bytes)), Cancellation);

        var page = await Limited(Options()).GetMessagePageAsync(asked.ConversationId!, cancellationToken: Cancellation);

        page.Items.Should().ContainSingle();
        page.NextCursor.Should().NotBeNull();
    }

    [Fact]
    public async Task Summaries_of_conversations_are_made_few_at_once()
    {
        var summarizer = new FakeSummarizer();
        var options = new ConversationOptions().AddAgent(Bot, agent => (agent.HistoryLimit, agent.SummaryThreshold, agent.Summarizer) = (2, 2, summarizer));
        options.Limits.MaxConcurrentSummaries = 1;
        var manager = new ConversationManager(Store, options, Time, Log);
        var held = summarizer.Hold();

        foreach (var user in new[] { "ann", "ben", "cem" })
        {
            for (var turn = 0; turn < 4; turn++)
                await manager.ForIdentity(ConversationIdentity.ForUser(user)).RunTurnAsync(Bot, $"question {turn}", Say("answer"), Cancellation);
        }

        await summarizer.Reached;
        summarizer.Requests.Should().ContainSingle();
        held.Dispose();
        await manager.WaitForSummariesAsync(Cancellation);
        summarizer.Requests.Select(request => request.ConversationId).Distinct(StringComparer.Ordinal).Should().HaveCount(3);
    }

    [Fact]
    public async Task Key_and_title_are_refused_when_they_are_too_long()
    {
        var created = await Alice.CreateAsync(Bot, new string('k', 1_024), title: new string('t', 1_000), cancellationToken: Cancellation);

        var key = () => Alice.CreateAsync(Bot, new string('k', 1_025), cancellationToken: Cancellation);
        var title = () => Alice.RenameAsync(created.Id, new string('t', 1_001), Cancellation);

        (await key.Should().ThrowAsync<ArgumentException>()).Which.ParamName.Should().Be("thread");
        (await title.Should().ThrowAsync<ArgumentException>()).WithMessage("*1001 characters*1000*").Which.ParamName.Should().Be("title");
    }

    [Theory]
    [InlineData(nameof(ConversationLimits.MaxMessageBytes), 1_023)]
    [InlineData(nameof(ConversationLimits.MaxMessageParts), 0)]
    [InlineData(nameof(ConversationLimits.MaxMetadataBytes), 0)]
    [InlineData(nameof(ConversationLimits.MaxConversationMetadataBytes), 0)]
    [InlineData(nameof(ConversationLimits.MaxConversationMetadataBytes), (1 << 20) + 1)]
    [InlineData(nameof(ConversationLimits.MaxPageBytes), 1_023)]
    [InlineData(nameof(ConversationLimits.MaxWaitingTurns), 0)]
    [InlineData(nameof(ConversationLimits.MaxConcurrentSummaries), 1_000_001)]
    public void Limit_is_refused_when_it_is_out_of_range(string name, int value)
    {
        var options = Options();
        typeof(ConversationLimits).GetProperty(name)!.SetValue(options.Limits, value);

        var construct = () => new ConversationManager(Store, options);

        construct.Should().Throw<ArgumentException>().WithMessage($"Limits.{name} is not from *");
    }

    private static ConversationMessage Large(MessageRole role, string limit) => limit switch
    {
        "MaxMessageBytes" => new ConversationMessage(role, new TextPart(new string('é', Bytes / 2)), new TextPart("x")),
        "MaxMessageParts" => new ConversationMessage(role, Enumerable.Range(0, 4).Select(number => new TextPart($"{number}"))),
        _ => new ConversationMessage(role, new TextPart("x")) { Metadata = $$"""{"note":"{{new string('é', 60)}}"}""" },
    };

    private static ScopedConversations Mine(ConversationManager manager) => manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private ConversationManager Limited(ConversationOptions options)
    {
        (options.Limits.MaxMessageBytes, options.Limits.MaxMessageParts, options.Limits.MaxMetadataBytes, options.Limits.MaxPageBytes) = (Bytes, 3, 100, Bytes);
        return new ConversationManager(Store, options, Time, Log);
    }
}
