using System.Threading.Channels;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Answers that come piece by piece: passed on at once, stored whatever becomes of the reader.</summary>
public sealed class StreamingTests : ChatClientTest
{
    private readonly Channel<ChatResponseUpdate> _source = Channel.CreateUnbounded<ChatResponseUpdate>();

    public StreamingTests() => Model.Stream = (_, token) => _source.Reader.ReadAllAsync(token);

    [Fact]
    public async Task Each_update_is_passed_on_before_the_next_one_arrives()
    {
        await using var updates = Ask().GetAsyncEnumerator(Cancellation);

        foreach (var word in new[] { "It ", "is ", "late." })
        {
            Say(word);
            (await updates.MoveNextAsync()).Should().BeTrue();
            updates.Current.Text.Should().Be(word);
        }

        _source.Writer.Complete();
        (await updates.MoveNextAsync()).Should().BeTrue("the last update tells of the commit");
        updates.Current.Contents.Should().BeEmpty();
        updates.Current.AdditionalProperties.Should().ContainKey(ConversationChatProperties.RunId);
        (await StoredTextsAsync(updates.Current.ConversationId)).Should().Equal("User: hello", "Assistant: It is late.");
        (await updates.MoveNextAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task Every_update_has_the_ids_under_which_it_will_be_stored()
    {
        Say("It ", update => (update.MessageId, update.ConversationId, update.ModelId) = ("theirs", "theirs", "model-1"));
        Say("is.", update => (update.Role, update.MessageId) = (null, "theirs"));
        _source.Writer.TryWrite(new ChatResponseUpdate { FinishReason = ChatFinishReason.Stop, Contents = [new UsageContent(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2 })] });
        _source.Writer.Complete();

        var updates = await Ask().ToListAsync(Cancellation);

        var stored = await StoredAsync(updates[0].ConversationId);
        stored.Select(message => message.Text).Should().Equal("hello", "It is.");
        updates.Should().OnlyContain(update => update.ConversationId == stored[0].ConversationId);
        updates[0].AdditionalProperties![ConversationChatProperties.RunId].Should().Be(stored[1].RunId);
        updates.SkipLast(1).Should().OnlyContain(update => update.MessageId == stored[1].Id);
        var response = updates.ToChatResponse();
        response.Messages.Should().ContainSingle().Which.MessageId.Should().Be(stored[1].Id);
        response.Usage!.InputTokenCount.Should().Be(10);
        var run = await RunAsync(response);
        (run.Model, run.FinishReason).Should().Be(("model-1", "stop"));
        run.Usage.Should().Be(new TokenUsage { InputTokens = 10, OutputTokens = 2 });
    }

    [Fact]
    public async Task Whole_answer_is_stored_when_the_reader_leaves()
    {
        Say("It ");
        await foreach (var update in Ask().WithCancellation(Cancellation))
        {
            Say("is ");
            Say("late.");
            _source.Writer.Complete();
            update.Text.Should().Be("It ");
            break;
        }

        var conversation = (await ConversationsAsync()).Single();
        (await StoredTextsAsync(conversation.Id)).Should().Equal("User: hello", "Assistant: It is late.");
        (await Manager.GetRunsAsync(conversation.Id, Cancellation).SingleAsync(Cancellation)).Status.Should().Be(RunStatus.Completed);
    }

    [Fact]
    public async Task Model_is_stopped_and_its_output_kept_when_the_reader_cancels()
    {
        using var cancel = new CancellationTokenSource();
        Say("It ");
        var read = async () =>
        {
            await foreach (var update in Client.GetStreamingResponseAsync("hello", cancellationToken: cancel.Token))
                await cancel.CancelAsync();
        };

        await read.Should().ThrowAsync<OperationCanceledException>();

        var conversation = (await ConversationsAsync()).Single();
        (await StoredAsync(conversation.Id)).Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("It ", true));
        (await Manager.GetRunsAsync(conversation.Id, Cancellation).SingleAsync(Cancellation)).Status.Should().Be(RunStatus.Cancelled);
    }

    [Fact]
    public async Task Reader_gets_the_exception_and_output_is_kept_when_the_source_fails()
    {
        Say("It ");
        _source.Writer.TryWrite(new ChatResponseUpdate { Contents = [new UsageContent(new UsageDetails { InputTokenCount = 10, OutputTokenCount = 1 })] });
        _source.Writer.Complete(new HttpRequestException("cut"));
        var texts = new List<string>();
        var read = async () =>
        {
            await foreach (var update in Ask())
                texts.Add(update.Text);
        };

        await read.Should().ThrowAsync<HttpRequestException>();

        texts.Should().Equal("It ", "");
        var conversation = (await ConversationsAsync()).Single();
        (await StoredAsync(conversation.Id)).Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("It ", true));
        var run = await Manager.GetRunsAsync(conversation.Id, Cancellation).SingleAsync(Cancellation);
        run.Status.Should().Be(RunStatus.Failed);
        run.Usage!.InputTokens.Should().Be(10);
    }

    [Fact]
    public async Task Reader_that_has_left_gets_the_exception_when_the_source_fails()
    {
        Say("It ");
        var read = async () =>
        {
            await foreach (var update in Ask())
            {
                _source.Writer.Complete(new HttpRequestException("cut"));
                break;
            }
        };

        await read.Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task Character_that_is_cut_in_two_is_stored_whole()
    {
        Say("a\ud83d");
        Say("\udc4db\ud83d");
        Say("\udc4d");
        Say("c\ud83d");
        _source.Writer.Complete();

        var updates = await Ask().ToListAsync(Cancellation);

        string.Concat(updates.Select(update => update.Text)).Should().Be("a👍b👍c\ud83d");
        (await StoredTextsAsync(updates[0].ConversationId)).Should().Equal("User: hello", "Assistant: a👍b👍c");
    }

    [Fact]
    public async Task Answer_without_contents_is_stored_under_the_id_that_was_passed_on()
    {
        _source.Writer.TryWrite(new ChatResponseUpdate { Role = ChatRole.Assistant, ResponseId = "r" });
        _source.Writer.Complete();

        var updates = await Ask().ToListAsync(Cancellation);

        updates.Should().HaveCount(2);
        updates[0].ResponseId.Should().Be("r");
        var stored = await StoredAsync(updates[0].ConversationId);
        stored.Select(message => message.Text).Should().Equal("hello", "");
        updates[0].MessageId.Should().Be(stored[1].Id);
    }

    [Fact]
    public async Task Messages_of_a_stream_are_stored_separately()
    {
        Say("First ", update => (update.MessageId, update.AuthorName, update.AdditionalProperties) = ("a", "Anna", new() { ["p"] = "1" }));
        Say("one.", update => update.AdditionalProperties = new() { ["q"] = "2" });
        _source.Writer.TryWrite(new ChatResponseUpdate { MessageId = "b", AuthorName = "Ben" });
        Say("Second.", update => update.MessageId = "b");
        Say("Third.", update => update.AuthorName = "Cleo");
        _source.Writer.Complete();

        var response = (await Ask().ToListAsync(Cancellation)).ToChatResponse();

        var stored = (await StoredAsync(response.ConversationId)).Skip(1).Select(message => message.ToChatMessage()).ToList();
        stored.Select(message => (message.AuthorName, message.Text)).Should().Equal(("Anna", "First one."), ("Ben", "Second."), ("Cleo", "Third."));
        stored[0].AdditionalProperties.Should().BeEquivalentTo(new Dictionary<string, object?> { ["p"] = "1", ["q"] = "2" });
        stored[1].AdditionalProperties.Should().BeNull();
        response.Messages.Select(message => message.MessageId).Should().Equal(stored.Select(message => message.MessageId));
    }

    [Fact]
    public async Task Null_stream_is_an_error_and_a_null_update_is_skipped()
    {
        await FluentActions.Awaiting(() => new NullClient().WithConversations(Alice, "bot").GetStreamingResponseAsync("hello", cancellationToken: Cancellation).ToListAsync(Cancellation).AsTask())
            .Should().ThrowAsync<InvalidOperationException>();
        _source.Writer.TryWrite(null!);
        Say("It is.");
        _source.Writer.Complete();

        (await Ask().ToListAsync(Cancellation))[0].Text.Should().Be("It is.");
    }

    [Fact]
    public async Task Nothing_happens_before_the_stream_is_read()
    {
        _ = Ask();

        (await ConversationsAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Each_enumeration_is_a_separate_turn()
    {
        Model.Stream = null;
        var stream = Ask();

        await stream.ToListAsync(Cancellation);
        var last = await stream.ToListAsync(Cancellation);

        (await StoredTextsAsync(last[0].ConversationId)).Should().Equal("User: hello", "Assistant: hi", "User: hello", "Assistant: hi");
    }

    [Fact]
    public async Task Second_stream_of_the_conversation_is_refused_while_the_first_is_read()
    {
        Say("It ");
        await using var updates = Ask().GetAsyncEnumerator(Cancellation);
        await updates.MoveNextAsync();

        await FluentActions.Awaiting(() => Ask().ToListAsync(Cancellation).AsTask()).Should().ThrowAsync<ConversationLockedException>();

        _source.Writer.Complete();
        while (await updates.MoveNextAsync())
        {
        }

        Model.Stream = null;
        (await Ask().ToListAsync(Cancellation)).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Stateless_stream_returns_no_ids()
    {
        Say("It is.", update => update.MessageId = "theirs");
        _source.Writer.Complete();

        var updates = await Model.WithConversations(Alice, "oracle").GetStreamingResponseAsync("hello", cancellationToken: Cancellation).ToListAsync(Cancellation);

        updates.Should().ContainSingle();
        (updates[0].ConversationId, updates[0].MessageId).Should().Be((null, "theirs"));
    }

    [Fact]
    public async Task Stream_can_be_followed_by_its_run()
    {
        await using var updates = Ask().GetAsyncEnumerator(Cancellation);
        Say("It ");
        await updates.MoveNextAsync();
        var run = await Manager.GetRunsAsync(updates.Current.ConversationId!, Cancellation).FirstAsync(Cancellation);
        Say("is.");
        _source.Writer.Complete();
        while (await updates.MoveNextAsync())
        {
        }

        var followed = await Alice.FollowAsync(run.Id, cancellationToken: Cancellation).Select(update => update.Text).ToListAsync(Cancellation);

        string.Concat(followed).Should().Be("It is.");
    }

    private sealed class NullClient : DelegatingChatClient
    {
        public NullClient()
            : base(new FakeModel())
        {
        }

        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => null!;
    }

    private IAsyncEnumerable<ChatResponseUpdate> Ask() =>
        Client.GetStreamingResponseAsync("hello", cancellationToken: Cancellation);

    private void Say(string text, Action<ChatResponseUpdate>? change = null)
    {
        var update = new ChatResponseUpdate(ChatRole.Assistant, text);
        change?.Invoke(update);
        _source.Writer.TryWrite(update);
    }
}
