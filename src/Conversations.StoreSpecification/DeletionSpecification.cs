using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>The deletion of conversations and of summaries.</summary>
public abstract class DeletionSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("11.1")]
    public async Task DeleteConversation_returns_true_when_conversation_exists()
    {
        var created = await CreateAsync();

        Assert.True(await Store.DeleteConversationAsync(created.Conversation.Id, Host));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_returns_false_when_it_was_deleted_before()
    {
        var created = await CreateAsync();
        await Store.DeleteConversationAsync(created.Conversation.Id, Host);

        Assert.False(await Store.DeleteConversationAsync(created.Conversation.Id, Host));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_returns_false_when_id_does_not_exist()
    {
        await CreateAsync();

        Assert.False(await Store.DeleteConversationAsync("conv_unknown", Host));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_returns_false_when_id_differs_in_case()
    {
        var created = await CreateAsync();

        Assert.False(await Store.DeleteConversationAsync(created.Conversation.Id.ToUpperInvariant(), Host));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_removes_conversation()
    {
        var id = await CreateFullAsync();
        await Store.DeleteConversationAsync(id, Host);

        Assert.Null(await LoadAsync(id));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_removes_conversation_from_listing()
    {
        var id = await CreateFullAsync();
        await Store.DeleteConversationAsync(id, Host);

        Assert.Empty(await IdsAsync());
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_removes_messages()
    {
        var id = await CreateFullAsync();
        await Store.DeleteConversationAsync(id, Host);
        await RecreateAsync(id);

        Assert.Empty(await MessagesAsync(id));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_removes_runs()
    {
        var id = await CreateFullAsync();
        await Store.DeleteConversationAsync(id, Host);
        await RecreateAsync(id);

        Assert.Empty(await RunsAsync(id));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_removes_summaries()
    {
        var id = await CreateFullAsync();
        await Store.DeleteConversationAsync(id, Host);
        await RecreateAsync(id);

        Assert.Null(await SummaryAsync(id));
    }

    [Fact, Rule("11.1", "6.3")]
    public async Task DeleteConversation_removes_a_long_conversation()
    {
        var created = await CreateNumberedAsync(LongConversation);
        var id = created.Conversation.Id;
        var runs = Enumerable.Range(1, LongConversation).Select(number => ClosedRun(id, number, $"key {number}"));
        await WriteAsync(Touch(created with { LastRun = LongConversation }) with { Runs = [.. runs] });

        Assert.True(await Store.DeleteConversationAsync(id, Host));
        Assert.False(await Store.DeleteConversationAsync(id, Host));
        Assert.Empty(await IdsAsync());
        Assert.Null(await KeyedRunAsync($"key {LongConversation}"));
        await RecreateAsync(id);
        Assert.Empty(await MessagesAsync(id));
        Assert.Empty(await RunsAsync(id));
        await WriteAsync(OpenRun(await CreateAsync(), $"key {LongConversation}"));
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_leaves_other_conversations()
    {
        var deleted = await CreateFullAsync();
        await CreateFullAsync("other key");
        var before = await SnapshotAsync(Store);
        var added = await CreateAsync();

        await Store.DeleteConversationAsync(added.Conversation.Id, Host);

        Assert.NotEqual(deleted, added.Conversation.Id);
        ModelAssert.Equal(before, await SnapshotAsync(Store), "The other conversations before and after a deletion");
    }

    [Theory, Rule("11.2")]
    [InlineData(1L, "")]
    [InlineData(2L, "1")]
    [InlineData(3L, "1 2")]
    [InlineData(4L, "1 2 3")]
    [InlineData(null, "1 2 3")]
    public async Task TryWrite_removes_summaries_that_end_at_the_position_or_later(long? from, string expected)
    {
        var created = await CreateNumberedAsync(5);
        await WriteAsync(Touch(await SummarizeAsync(created, 1, 2, 3)) with { DropSummariesFrom = from });

        Assert.Equal(expected, string.Join(' ', await SummariesAsync(created.Conversation.Id)));
    }

    [Fact, Rule("11.2")]
    public async Task TryWrite_removes_summaries_before_it_inserts_one()
    {
        var created = await CreateNumberedAsync(5);
        await WriteAsync(Touch(await SummarizeAsync(created, 1, 3)) with { DropSummariesFrom = 2, Summary = Summary(created, 2) });

        Assert.Equal(["1", "2"], await SummariesAsync(created.Conversation.Id));
    }

    [Fact, Rule("11.2")]
    public async Task TryWrite_leaves_summaries_of_other_conversations()
    {
        var other = await SummarizeAsync(await CreateNumberedAsync(3), 2);
        await WriteAsync(Touch(await SummarizeAsync(await CreateNumberedAsync(3), 2)) with { DropSummariesFrom = 1 });

        Assert.Equal(["2"], await SummariesAsync(other.Conversation.Id));
    }

    private static ConversationSummary Summary(StoredConversation conversation, long through) => new()
    {
        ConversationId = conversation.Conversation.Id,
        Through = through,
        MessageCount = through,
        Text = $"{through}",
        CreatedAt = conversation.Conversation.CreatedAt,
    };

    private async Task<StoredConversation> SummarizeAsync(StoredConversation conversation, params long[] through)
    {
        foreach (var position in through)
            conversation = await WriteAsync(Touch(conversation) with { Summary = Summary(conversation, position) });
        return conversation;
    }

    private async Task<IReadOnlyList<string>> SummariesAsync(string conversationId)
    {
        var texts = new List<string>();
        for (var before = 1; before <= 5; before++)
        {
            if (await SummaryAsync(conversationId, before) is { } text && !texts.Contains(text))
                texts.Add(text);
        }

        return texts;
    }

    private async Task<string> CreateFullAsync(string key = "key")
    {
        var opened = await WriteAsync(OpenRun(await CreateNumberedAsync(2), key, User()));
        var closed = await WriteAsync(CloseRun(opened, Assistant()));
        await WriteAsync(OpenRun(await SummarizeAsync(closed, 1)));
        return opened.Conversation.Id;
    }

    private async Task RecreateAsync(string conversationId)
    {
        var conversation = NewConversation();
        await WriteAsync(Touch(conversation with { Conversation = conversation.Conversation with { Id = conversationId } }));
    }
}
