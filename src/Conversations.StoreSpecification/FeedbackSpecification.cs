using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: the feedback of callers on messages.</summary>
public abstract class FeedbackSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Gets the names of the members of the feature.</summary>
    public static TheoryData<string> Members => [nameof(IConversationFeedbackStore.ReadFeedbackAsync)];

    /// <summary>Gets the names of texts that comments and callers can have.</summary>
    public static TheoryData<string> Texts => HostileTexts.KeyNames;

    private IConversationFeedbackStore Feedback => Store.GetFeature<IConversationFeedbackStore>() ?? throw new NotSupportedException("The store keeps no feedback. See StoreLacksAttribute.");

    [Theory, Rule("16.1", "9.1")]
    [MemberData(nameof(Texts))]
    public async Task ReadFeedback_returns_feedback_as_written(string name)
    {
        var created = await CreateNumberedAsync(2);
        var written = Of(created, 2) with { Caller = HostileTexts.Get(name), Comment = HostileTexts.Get(name), Rating = int.MinValue, GivenAt = Time.GetUtcNow().AddTicks(1) };
        await GiveAsync(created, written);

        ModelAssert.Equal(written, Assert.Single(await ReadAllAsync()));
    }

    [Fact, Rule("16.1")]
    public async Task ReadFeedback_returns_comment_with_NUL_and_feedback_without_comment_and_caller()
    {
        var created = await CreateNumberedAsync(2);
        var (first, second) = (Of(created, 1) with { Comment = "a\0b\0" }, Of(created, 2) with { Caller = null, Rating = int.MaxValue });
        await GiveAsync(created, first, second);

        ModelAssert.Equal(new[] { second, first }, await ReadAllAsync());
    }

    [Fact, Rule("16.1")]
    public async Task TryWrite_replaces_feedback_of_the_same_caller_alone()
    {
        var created = await CreateNumberedAsync(2);
        var others = new[] { Of(created, 2), Of(created, 1) with { Caller = "CALLER" }, Of(created, 1) with { Caller = null } };
        var given = await GiveAsync(created, [Of(created, 1) with { Comment = "first" }, .. others]);
        var second = Of(created, 1) with { Rating = -1, GivenAt = Time.GetUtcNow().AddTicks(1) };

        await GiveAsync(given, second);

        var read = await ReadAllAsync();
        ModelAssert.Equal(second, read[0]);
        Assert.Equal(Keys(others), Keys(read.Skip(1)));
    }

    [Fact, Rule("16.1")]
    public async Task TryWrite_applies_changes_in_order()
    {
        var created = await CreateNumberedAsync(1);
        await WriteAsync(Touch(created) with
        {
            Feedback = [new FeedbackChange(Of(created, 1) with { Rating = 1 }), new FeedbackChange(1, "caller"), new FeedbackChange(Of(created, 1) with { Rating = 2 }), new FeedbackChange(Of(created, 1) with { Rating = 3 })],
        });

        Assert.Equal(3, Assert.Single(await ReadAllAsync()).Rating);
    }

    [Fact, Rule("16.1")]
    public async Task TryWrite_removes_feedback_of_one_caller_on_one_message()
    {
        var created = await CreateNumberedAsync(2);
        var kept = new[] { Of(created, 2), Of(created, 1) with { Caller = "another" } };
        var given = await GiveAsync(created, [Of(created, 1), .. kept]);

        await WriteAsync(Touch(given) with { Feedback = [new FeedbackChange(1, "caller"), new FeedbackChange(1, "unknown"), new FeedbackChange(7, "caller")] });

        Assert.Equal(Keys(kept), Keys(await ReadAllAsync()));
    }

    [Fact, Rule("16.1", "2.3")]
    public async Task TryWrite_of_feedback_changes_only_the_version()
    {
        var created = await CreateNumberedAsync(2);
        var opened = await WriteAsync(OpenRun(created, "key", User("third")));
        var messages = await MessagesAsync(opened.Conversation.Id);
        var runs = await RunsAsync(opened.Conversation.Id);

        var given = await GiveAsync(opened, Of(created, 1));

        ModelAssert.Equal(opened with { Version = opened.Version + 1 }, await LoadAsync(opened.Conversation.Id));
        Assert.Equal(opened.Version + 1, given.Version);
        ModelAssert.Equal(messages, await MessagesAsync(opened.Conversation.Id));
        ModelAssert.Equal(runs, await RunsAsync(opened.Conversation.Id));
    }

    [Fact, Rule("16.1", "2.4")]
    public async Task TryWrite_keeps_no_feedback_of_a_batch_that_is_not_applied()
    {
        var created = await CreateNumberedAsync(1);
        await WriteAsync(Rename(created, "title"));

        Assert.False(await Store.TryWriteAsync(Batch(Touch(created) with { Feedback = [new FeedbackChange(Of(created, 1))] })));

        Assert.Empty(await ReadAllAsync());
    }

    [Fact, Rule("16.1", "4.4")]
    public async Task Superseded_messages_keep_their_feedback()
    {
        var created = await CreateNumberedAsync(2);
        var given = await GiveAsync(created, Of(created, 1), Of(created, 2));

        await WriteAsync(Touch(given) with { Superseded = [new SupersededChange(1, 2, null, 7)], Recounts = [new TokenRecount(1, new TokenAmount(1, "counter"))] });

        Assert.Equal(2, (await ReadAllAsync()).Count);
    }

    [Fact, Rule("16.1")]
    public async Task Deletion_of_a_message_removes_its_feedback_and_no_other()
    {
        var created = await CreateNumberedAsync(3);
        var other = await CreateNumberedAsync(2);
        var kept = new[] { Of(created, 1), Of(created, 3), Of(other, 2) };
        await GiveAsync(other, kept[2]);
        var given = await GiveAsync(created, [kept[0], kept[1], Of(created, 2), Of(created, 2) with { Caller = "another" }]);

        await WriteAsync(Touch(given) with { DeletedMessages = [2, 9] });

        Assert.Equal(Keys(kept), Keys(await ReadAllAsync()));
    }

    [Fact, Rule("16.1", "11.1")]
    public async Task DeleteConversation_removes_its_feedback_and_no_other()
    {
        var deleted = await CreateNumberedAsync(2);
        var other = await CreateNumberedAsync(2);
        await GiveAsync(deleted, Of(deleted, 1), Of(deleted, 2), Of(deleted, 2) with { Caller = null });
        await GiveAsync(other, Of(other, 1));

        await Store.DeleteConversationAsync(deleted.Conversation.Id, Host);

        Assert.Equal(Keys([Of(other, 1)]), Keys(await ReadAllAsync()));
        Assert.Empty(await Feedback.ReadFeedbackAsync(AllFeedback() with { ConversationId = deleted.Conversation.Id }));
    }

    [Fact, Rule("16.2")]
    public async Task ReadFeedback_returns_newest_first_then_by_conversation_and_position_descending()
    {
        var conversations = new List<StoredConversation>();
        foreach (var id in new[] { "conv_b", "conv_B", "conv_10", "conv_9" })
        {
            var conversation = NewConversation();
            conversations.Add(await WriteAsync(Append(conversation with { Conversation = conversation.Conversation with { Id = id } }, [.. Enumerable.Range(1, 11).Select(number => User($"{number}"))])));
        }

        foreach (var conversation in conversations)
            await GiveAsync(conversation, [.. new[] { 9, 11, 2 }.Select(position => Of(conversation, position)), Of(conversation, 1) with { GivenAt = Time.GetUtcNow().AddTicks(1) }]);

        var expected = conversations.Select(conversation => conversation.Conversation.Id).OrderDescending(StringComparer.Ordinal).ToList();
        var read = await ReadAllAsync();
        Assert.Equal(
            [.. expected.Select(id => (id, 1L)), .. expected.SelectMany(id => new[] { 11L, 9L, 2L }.Select(position => (id, position)))],
            read.Select(feedback => (feedback.ConversationId, feedback.Position)));
        Assert.Equal([1L, 11L, 9L, 2L], (await Feedback.ReadFeedbackAsync(AllFeedback() with { ConversationId = "conv_9" })).Select(feedback => feedback.Position));
    }

    [Theory, Rule("16.2")]
    [InlineData("conversation", "a1 a2 a2'")]
    [InlineData("unknown conversation", "")]
    [InlineData("position", "a2 a2' b2")]
    [InlineData("position of conversation", "a2 a2'")]
    [InlineData("caller", "a1 a2 b1 b2")]
    [InlineData("caller in another case", "")]
    [InlineData("no identity", "a2'")]
    [InlineData("caller of conversation", "a1 a2")]
    [InlineData("agent", "b1 b2")]
    [InlineData("other agent of conversation", "")]
    [InlineData("from", "a2 a2' b1 b2")]
    [InlineData("before", "a1 a2 a2'")]
    [InlineData("from before", "a2 a2'")]
    public async Task ReadFeedback_narrows_by_each_filter(string filter, string expected)
    {
        var (a, b) = (await CreateInAsync(ScopeOf()), await CreateInAsync(ScopeOf(agent: "agent_2")));
        (a, b) = (await WriteAsync(Append(a, User("1"), User("2"))), await WriteAsync(Append(b, User("1"), User("2"))));
        var now = Time.GetUtcNow();
        await GiveAsync(a, Of(a, 1), Of(a, 2) with { GivenAt = now.AddTicks(1) }, Of(a, 2) with { Caller = null, GivenAt = now.AddTicks(1) });
        await GiveAsync(b, Of(b, 1) with { GivenAt = now.AddTicks(2) }, Of(b, 2) with { GivenAt = now.AddTicks(3) });
        var ofA = AllFeedback() with { ConversationId = a.Conversation.Id };
        var range = filter switch
        {
            "conversation" => ofA,
            "unknown conversation" => AllFeedback() with { ConversationId = "conv_unknown" },
            "position" => AllFeedback() with { Position = 2 },
            "position of conversation" => ofA with { Position = 2 },
            "caller" => AllFeedback() with { Caller = "caller" },
            "caller in another case" => AllFeedback() with { Caller = "Caller" },
            "no identity" => AllFeedback() with { Caller = "" },
            "caller of conversation" => ofA with { Caller = "caller" },
            "agent" => AllFeedback() with { Agent = "agent_2" },
            "other agent of conversation" => ofA with { Agent = "agent_2" },
            "from" => AllFeedback() with { GivenFrom = now.AddTicks(1) },
            "before" => AllFeedback() with { GivenBefore = now.AddTicks(2) },
            _ => AllFeedback() with { GivenFrom = now.AddTicks(1), GivenBefore = now.AddTicks(2) },
        };

        var read = await Feedback.ReadFeedbackAsync(range);

        Assert.Equal(expected, string.Join(' ', read.Select(feedback => $"{(feedback.ConversationId == a.Conversation.Id ? "a" : "b")}{feedback.Position}{(feedback.Caller is null ? "'" : "")}").Order(StringComparer.Ordinal)));
    }

    [Theory, Rule("16.2")]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(4, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public async Task ReadFeedback_returns_each_once_page_by_page(int limit, bool ofConversation)
    {
        var first = await CreateNumberedAsync(3);
        var second = await CreateNumberedAsync(3);
        string?[] callers = [null, "caller", "CALLER", "\uFFFF", "😀"];
        foreach (var conversation in new[] { first, second })
            await GiveAsync(conversation, [.. callers.SelectMany(caller => Enumerable.Range(1, 3).Select(position => Of(conversation, position) with { Caller = caller, GivenAt = Time.GetUtcNow().AddTicks(position / 2) }))]);
        var range = ofConversation ? AllFeedback() with { ConversationId = first.Conversation.Id } : AllFeedback();

        var pages = new List<MessageFeedback>();
        for (var page = await Feedback.ReadFeedbackAsync(range with { Limit = limit }); page.Count > 0 && pages.Count < 40; page = await Feedback.ReadFeedbackAsync(range with { Limit = limit, After = FeedbackPlace.Of(page[^1]) }))
        {
            Assert.True(page.Count <= limit, "The page has more rows than its limit.");
            pages.AddRange(page);
        }

        Assert.Equal(ofConversation ? 15 : 30, pages.Count);
        ModelAssert.Equal(await Feedback.ReadFeedbackAsync(range), pages);
    }

    [Fact, Rule("16.2")]
    public async Task ReadFeedback_continues_when_start_of_page_was_removed()
    {
        var created = await CreateNumberedAsync(3);
        var given = await GiveAsync(created, Of(created, 1), Of(created, 2), Of(created, 3));
        var page = await Feedback.ReadFeedbackAsync(AllFeedback() with { Limit = 2 });
        await WriteAsync(Touch(given) with { Feedback = [new FeedbackChange(2, "caller")] });

        Assert.Equal(1, Assert.Single(await Feedback.ReadFeedbackAsync(AllFeedback() with { After = FeedbackPlace.Of(page[1]) })).Position);
    }

    [Fact, Rule("16.2", "8.1")]
    public async Task ReadFeedback_returns_what_is_in_reach()
    {
        var (first, second) = (await CreateInAsync(ScopeOf()), await CreateInAsync(ScopeOf("user_2")));
        (first, second) = (await WriteAsync(Append(first, User("1"))), await WriteAsync(Append(second, User("1"))));
        await GiveAsync(first, Of(first, 1));
        await GiveAsync(second, Of(second, 1));
        var (own, other) = (AccessOf(ScopeOf()), AccessOf(ScopeOf("user_2")));

        Assert.Equal(first.Conversation.Id, Assert.Single(await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = own })).ConversationId);
        Assert.Single(await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = own, ConversationId = first.Conversation.Id }));
        Assert.Empty(await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = other, ConversationId = first.Conversation.Id }));
        Assert.Equal(2, (await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = new ConversationAccess(own.Project, [.. own.Audiences!, .. other.Audiences!]) })).Count);
        Assert.Empty(await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = new ConversationAccess(own.Project, []) }));
        Assert.Empty(await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = new ConversationAccess("other", null) }));
        Assert.Empty(await Feedback.ReadFeedbackAsync(AllFeedback() with { Access = new ConversationAccess("other", null), ConversationId = first.Conversation.Id }));
    }

    [Theory, Rule("10.1")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_token_is_canceled_before_the_call(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calls.CallAsync(member, new CancellationToken(canceled: true)));
    }

    [Theory, Rule("12.2")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_ObjectDisposedException_after_disposal(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync(), "key", User())));
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.CallAsync(member, CancellationToken.None));
    }

    private static FeedbackRange AllFeedback() => new() { Access = Host, Limit = int.MaxValue };

    private static IEnumerable<(string, long, string?)> Keys(IEnumerable<MessageFeedback> feedback) =>
        feedback.Select(each => (each.ConversationId, each.Position, each.Caller)).Order();

    private MessageFeedback Of(StoredConversation conversation, long position) =>
        new() { ConversationId = conversation.Conversation.Id, Position = position, Caller = "caller", Rating = 1, GivenAt = Time.GetUtcNow() };

    private Task<StoredConversation> GiveAsync(StoredConversation conversation, params IEnumerable<MessageFeedback> feedback) =>
        WriteAsync(Touch(conversation) with { Feedback = [.. feedback.Select(each => new FeedbackChange(each))] });

    private async Task<IReadOnlyList<MessageFeedback>> ReadAllAsync() => await Feedback.ReadFeedbackAsync(AllFeedback());
}
