using Conversations.Storage;

namespace Conversations.Tests.Manager;

public sealed class FeedbackTestsInMemory : FeedbackTests<InMemory>;

public sealed class FeedbackTestsOnSqlite : FeedbackTests<Sqlite>;

/// <summary>The feedback of callers on messages.</summary>
public abstract class FeedbackTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly ConversationIdentity Ann = ConversationIdentity.ForUser("ann", "acme");

    private static readonly ConversationIdentity Ben = ConversationIdentity.ForUser("ben", "acme");

    private ConversationMaintenance Maintenance => new(Store, Options(), Time);

    [Fact]
    public async Task GiveFeedback_returns_and_keeps_rating_comment_caller_and_time()
    {
        var asked = await AskAsync();
        Time.Advance(TimeSpan.FromMinutes(1));

        var given = await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, -1, "Not what I asked.\nAt all.", Cancellation);

        given.Should().Be(new MessageFeedback
        {
            ConversationId = asked.ConversationId!,
            Position = 2,
            Caller = ConversationIdentity.ForUser("alice").Key,
            Rating = -1,
            Comment = "Not what I asked.\nAt all.",
            GivenAt = Time.GetUtcNow(),
        });
        given.MessageId.Should().Be(asked.ReplyMessageId);
        (await OfAsync(asked.ConversationId)).Should().Equal(given);
    }

    [Fact]
    public async Task GiveFeedback_changes_neither_message_nor_conversation_nor_order()
    {
        var older = await AskAsync("older");
        Time.Advance(TimeSpan.FromMinutes(1));
        await AskAsync(new TurnRequest(Bot, "newer") { StartNew = true });
        var conversation = await Manager.GetAsync(older.ConversationId!, Cancellation);
        var messages = await Manager.GetMessagesAsync(older.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));

        await Alice.GiveFeedbackAsync(older.ReplyMessageId!, 1, cancellationToken: Cancellation);

        (await Manager.GetAsync(older.ConversationId!, Cancellation)).Should().Be(conversation);
        (await Manager.GetMessagesAsync(older.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().Equal(messages);
        (await Alice.ListAsync(cancellationToken: Cancellation).LastAsync(Cancellation)).Should().Be(conversation);
    }

    [Fact]
    public async Task Second_feedback_of_a_caller_replaces_the_first_and_leaves_those_of_others()
    {
        var message = await MessageOfTeamAsync();
        await Manager.ForIdentity(Ann).GiveFeedbackAsync(message, 1, "good", Cancellation);
        var ben = await Manager.ForIdentity(Ben).GiveFeedbackAsync(message, -1, cancellationToken: Cancellation);
        var host = await Manager.GiveFeedbackAsync(message, 5, cancellationToken: Cancellation);
        Time.Advance(TimeSpan.FromMinutes(1));

        var second = await Manager.ForIdentity(Ann).GiveFeedbackAsync(message, 0, cancellationToken: Cancellation);

        host.Caller.Should().BeNull();
        var feedback = await Manager.ForIdentity(Ben).GetMessageFeedbackAsync(message, Cancellation).ToListAsync(Cancellation);
        feedback.Should().BeEquivalentTo([second, ben, host]);
        feedback[0].Should().Be(second, "the newest is the first");
    }

    [Fact]
    public async Task RemoveFeedback_removes_that_of_its_caller_once()
    {
        var message = await MessageOfTeamAsync();
        await Manager.ForIdentity(Ann).GiveFeedbackAsync(message, 1, cancellationToken: Cancellation);
        var ben = await Manager.ForIdentity(Ben).GiveFeedbackAsync(message, -1, cancellationToken: Cancellation);

        var first = await Manager.ForIdentity(Ann).RemoveFeedbackAsync(message, Cancellation);
        var second = await Manager.ForIdentity(Ann).RemoveFeedbackAsync(message, Cancellation);
        var ofHost = await Manager.RemoveFeedbackAsync(message, Cancellation);

        (first, second, ofHost).Should().Be((true, false, false));
        (await Manager.GetMessageFeedbackAsync(message, Cancellation).ToListAsync(Cancellation)).Should().Equal(ben);
    }

    [Fact]
    public async Task Feedback_goes_with_its_message_and_its_conversation()
    {
        var first = await AskAsync();
        var second = await AskAsync("again");
        var kept = await Alice.GiveFeedbackAsync(first.ReplyMessageId!, 1, cancellationToken: Cancellation);
        await Alice.GiveFeedbackAsync(second.ReplyMessageId!, 2, cancellationToken: Cancellation);

        await Alice.DeleteMessageAsync(second.ReplyMessageId!, Cancellation);

        (await OfAsync(first.ConversationId)).Should().Equal(kept);
        await Alice.DeleteAsync(first.ConversationId!, Cancellation);
        (await Maintenance.GetFeedbackAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Superseded_message_keeps_its_feedback_and_can_get_more()
    {
        var asked = await AskAsync();
        await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, -1, "wrong", Cancellation);

        var again = await Alice.RegenerateAsync(asked.ReplyMessageId!, Say("better"), Cancellation);
        await Alice.GiveFeedbackAsync(again.ReplyMessageId!, 1, cancellationToken: Cancellation);
        await Manager.GiveFeedbackAsync(asked.ReplyMessageId!, 0, cancellationToken: Cancellation);

        (await OfAsync(asked.ConversationId)).Select(feedback => (feedback.MessageId, feedback.Rating)).Should()
            .BeEquivalentTo([(asked.ReplyMessageId, -1), (asked.ReplyMessageId, 0), (again.ReplyMessageId, 1)]);
    }

    [Fact]
    public async Task Fork_has_no_feedback_and_an_ended_conversation_can_get_some()
    {
        var asked = await AskAsync();
        await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 1, cancellationToken: Cancellation);
        var fork = await Alice.ForkAsync(asked.ReplyMessageId!, cancellationToken: Cancellation);
        await Alice.EndAsync(asked.ConversationId!, Cancellation);

        await Alice.GiveFeedbackAsync(asked.InputMessageId!, 1, cancellationToken: Cancellation);

        (await OfAsync(fork.Id)).Should().BeEmpty();
        (await OfAsync(asked.ConversationId)).Should().HaveCount(2);
    }

    [Fact]
    public async Task Feedback_during_a_turn_does_not_disturb_it()
    {
        var asked = await AskAsync();
        await using var turn = await Alice.BeginTurnAsync(Bot, "again", Cancellation);

        await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 1, cancellationToken: Cancellation);
        turn.Add(ConversationMessage.Assistant("done"));
        await turn.CommitAsync(Cancellation);

        (await TextsAsync(asked.ConversationId)).Should().Equal("hello", "hi", "again", "done");
        (await OfAsync(asked.ConversationId)).Should().ContainSingle();
    }

    [Theory]
    [InlineData("msg_00000000000000000000000000000000_1")]
    [InlineData("nonsense")]
    public async Task Feedback_on_an_unknown_message_is_not_found(string messageId)
    {
        var giving = () => Alice.GiveFeedbackAsync(messageId, 1, cancellationToken: Cancellation);
        var reading = async () => await Alice.GetMessageFeedbackAsync(messageId, Cancellation).ToListAsync(Cancellation);
        var readingAll = async () => await Alice.GetFeedbackAsync(messageId, Cancellation).ToListAsync(Cancellation);

        await giving.Should().ThrowAsync<ConversationNotFoundException>();
        await reading.Should().ThrowAsync<ConversationNotFoundException>();
        await readingAll.Should().ThrowAsync<ConversationNotFoundException>();
        (await Alice.RemoveFeedbackAsync(messageId, Cancellation)).Should().BeFalse();
    }

    [Fact]
    public async Task Feedback_on_a_position_without_a_message_is_not_found()
    {
        var asked = await AskAsync();
        await Alice.DeleteMessageAsync(asked.InputMessageId!, Cancellation);

        foreach (var id in new[] { asked.InputMessageId!, ConversationIds.Message(asked.ConversationId!, 3) })
            await FluentActions.Awaiting(() => Alice.GiveFeedbackAsync(id, 1, cancellationToken: Cancellation)).Should().ThrowAsync<ConversationNotFoundException>();

        (await OfAsync(asked.ConversationId)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \n")]
    public async Task Blank_comment_is_none(string? comment)
    {
        var asked = await AskAsync();

        (await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 1, comment, Cancellation)).Comment.Should().BeNull();
    }

    [Fact]
    public async Task Comment_has_a_limit_and_is_repaired_and_never_repeated_in_an_exception()
    {
        var asked = await AskAsync();

        var longest = await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 1, new string('x', 4_000), Cancellation);
        var broken = await Alice.GiveFeedbackAsync(asked.InputMessageId!, 1, "a\uD800b", Cancellation);
        var tooLong = () => Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 2, new string('x', 4_001), Cancellation);

        (await tooLong.Should().ThrowAsync<ArgumentException>().WithParameterName("comment")).Which.Message.Should().Contain("4001").And.NotContain("xx");
        broken.Comment.Should().Be("a\uFFFDb");
        (await OfAsync(asked.ConversationId)).Should().BeEquivalentTo([longest, broken]);
    }

    [Fact]
    public async Task Feedback_is_in_no_log_and_prints_neither_comment_nor_caller()
    {
        var asked = await AskAsync();

        var given = await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 12_345, "canary", Cancellation);

        Log.Entries.Should().NotContain(entry => entry.Text.Contains("canary") || entry.Text.Contains("12345"));
        given.ToString().Should().Be($"MessageFeedback {{ {asked.ReplyMessageId} }}");
        foreach (var record in new object[] { new FeedbackChange(given), FeedbackPlace.Of(given), new FeedbackRange { Access = new ConversationAccess("default", null), Caller = given.Caller, Limit = 1 } })
            record.ToString().Should().NotContain("canary").And.NotContain("alice").And.NotContain("12345");
    }

    [Fact]
    public async Task Store_without_feedback_is_named()
    {
        var asked = await AskAsync();
        await using var store = new WithoutFeedback(Store);
        var alice = new ConversationManager(store, Options(), Time).ForIdentity(ConversationIdentity.ForUser("alice"));
        Func<Task>[] calls =
        [
            () => alice.GiveFeedbackAsync(asked.ReplyMessageId!, 1, cancellationToken: Cancellation),
            () => alice.RemoveFeedbackAsync(asked.ReplyMessageId!, Cancellation),
            async () => await alice.GetFeedbackAsync(asked.ConversationId!, Cancellation).ToListAsync(Cancellation),
            async () => await alice.GetMessageFeedbackAsync(asked.ReplyMessageId!, Cancellation).ToListAsync(Cancellation),
            () => new ConversationMaintenance(store, Options(), Time).GetFeedbackPageAsync(cancellationToken: Cancellation),
        ];

        foreach (var call in calls)
            (await call.Should().ThrowAsync<NotSupportedException>()).WithMessage("The store, a WithoutFeedback, does not implement IConversationFeedbackStore.");
    }

    [Fact]
    public async Task Maintenance_reads_the_feedback_of_all_callers_page_by_page_newest_first()
    {
        var given = new List<MessageFeedback>();
        foreach (var user in new[] { "ann", "ben", "cid", "dan", "eve" })
        {
            var view = Manager.ForIdentity(ConversationIdentity.ForUser(user));
            var asked = await view.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);
            given.Insert(0, await view.GiveFeedbackAsync(asked.ReplyMessageId!, given.Count, user, Cancellation));
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        var query = new FeedbackQuery { PageSize = 2 };
        var first = await Maintenance.GetFeedbackPageAsync(query, cancellationToken: Cancellation);
        var second = await Maintenance.GetFeedbackPageAsync(query, first.NextCursor, Cancellation);
        var third = await Maintenance.GetFeedbackPageAsync(query, second.NextCursor, Cancellation);

        first.Items.Concat(second.Items).Concat(third.Items).Should().Equal(given);
        (first.Items.Count, second.Items.Count, third.NextCursor).Should().Be((2, 2, null));
        (await Maintenance.GetFeedbackAsync(query, Cancellation).ToListAsync(Cancellation)).Should().Equal(given);
        (await Maintenance.GetFeedbackAsync(new FeedbackQuery { GivenFrom = given[3].GivenAt, GivenBefore = given[0].GivenAt }, Cancellation).ToListAsync(Cancellation)).Should().Equal(given[1..4]);
        (await Maintenance.GetFeedbackAsync(new FeedbackQuery { ConversationId = given[2].ConversationId }, Cancellation).ToListAsync(Cancellation)).Should().Equal(given[2]);
        (await Maintenance.GetFeedbackAsync(new FeedbackQuery { Agent = "team-bot" }, Cancellation).CountAsync(Cancellation)).Should().Be(0);
    }

    [Fact]
    public async Task Maintenance_of_another_project_reads_nothing()
    {
        var asked = await AskAsync();
        await Alice.GiveFeedbackAsync(asked.ReplyMessageId!, 1, cancellationToken: Cancellation);
        var options = Options();
        options.Project = "another";

        (await new ConversationMaintenance(Store, options, Time).GetFeedbackAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(0);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("bGlzdHwxfGNvbnZfMQ")]
    [InlineData("ZmVlZGJhY2t8MSwyfGNvbnZfMQ")]
    [InlineData("ZmVlZGJhY2t8OTAwMDAwMDAwMDAwMDAwMDAwMCwyfGNvbnZfMXw")]
    public async Task Unknown_cursor_is_refused(string cursor)
    {
        var reading = () => Maintenance.GetFeedbackPageAsync(cursor: cursor, cancellationToken: Cancellation);

        await reading.Should().ThrowAsync<ArgumentException>().WithParameterName("cursor");
    }

    private async Task<string> MessageOfTeamAsync() => (await Manager.ForIdentity(Ann).RunTurnAsync("team-bot", "hello", Say("hi"), Cancellation)).ReplyMessageId!;

    private async Task<List<MessageFeedback>> OfAsync(string? conversationId) => await Manager.GetFeedbackAsync(conversationId!, Cancellation).ToListAsync(Cancellation);

    private sealed class WithoutFeedback(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public override T? GetFeature<T>()
            where T : class => typeof(T) == typeof(IConversationFeedbackStore) ? null : base.GetFeature<T>();
    }
}
