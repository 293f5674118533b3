using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Calls at the same time: of several batches on one version, one is applied, and reads see each write whole.</summary>
public abstract class RaceSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private const int Runners = 8;
    private const int Rounds = 5;
    private const int Writes = 40;
    private const int Reads = 10;

    // Each refusal is due to a write of another runner, of which there are 40.
    private const int MostAttempts = 10_000;

    [Fact, Rule("2.4")]
    public async Task TryWrite_applies_one_batch_when_many_have_the_same_version()
    {
        var conversation = await CreateAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            var read = conversation;

            var written = await RaceAsync(Runners, runner => TryAsync(Batch(Append(read, User($"{runner}")))));

            Assert.Equal(1, written.Count(isWritten => isWritten));
            conversation = (await LoadAsync(read.Conversation.Id))!;
            Assert.Equal(round, (await MessagesAsync(read.Conversation.Id)).Count);
        }
    }

    [Fact, Rule("2.4", "2.2")]
    public async Task TryWrite_applies_one_batch_when_many_insert_the_same_id()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var conversation = NewConversation();

            var written = await RaceAsync(Runners, runner => TryAsync(Batch(Append(conversation, User($"{runner}")))));

            Assert.Equal(1, written.Count(isWritten => isWritten));
            Assert.Single(await MessagesAsync(conversation.Conversation.Id));
        }
    }

    [Fact, Rule("2.2", "2.4")]
    public async Task TryWrite_applies_one_batch_when_many_scopes_insert_the_same_id()
    {
        var id = NewId();

        var written = await RaceAsync(Runners, runner =>
        {
            var conversation = NewConversation(ScopeOf($"user_{runner}"));
            return TryAsync(Batch(Touch(NewConversation(ScopeOf($"user_{runner}"))), Append(conversation with { Conversation = conversation.Conversation with { Id = id } }, User())));
        });

        Assert.Equal(1, written.Count(isWritten => isWritten));
        Assert.Equal(2, (await IdsAsync()).Count);
    }

    [Fact, Rule("7.1", "2.4")]
    public async Task TryWrite_changes_pointer_once_when_many_expect_the_same_conversation()
    {
        var current = await CreateCurrentAsync();

        var written = await RaceAsync(Runners, _ => TryAsync(PointingBatch(current.Conversation.Id, Touch(NewConversation()))));

        Assert.Equal(1, written.Count(isWritten => isWritten));
        Assert.Equal(2, (await IdsAsync()).Count);
    }

    [Fact, Rule("7.1", "2.4")]
    public async Task TryWrite_sets_pointer_once_when_many_expect_none()
    {
        var written = await RaceAsync(Runners, _ => TryAsync(PointingBatch(null, Touch(NewConversation()))));

        Assert.Equal(1, written.Count(isWritten => isWritten));
        Assert.Equal(await CurrentIdAsync(), Assert.Single(await IdsAsync()));
    }

    [Fact, Rule("6.1", "2.4")]
    public async Task TryWrite_gives_key_to_one_run_when_many_batches_have_it()
    {
        var written = await RaceAsync(Runners, _ => TryAsync(Batch(OpenRun(NewConversation(), "key"))));

        Assert.Equal(1, written.Count(isWritten => isWritten));
        Assert.Equal((await KeyedRunAsync("key"))?.Run.ConversationId, Assert.Single(await IdsAsync()));
    }

    [Theory, Rule("2.1")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TryWrite_applies_every_batch_when_conversations_differ(bool isOneScope)
    {
        var read = new List<StoredConversation>();
        for (var runner = 0; runner < Runners; runner++)
            read.Add(await CreateInAsync(ScopeOf(isOneScope ? "user_1" : $"user_{runner}")));

        var written = await RaceAsync(Runners, runner => TryAsync(Batch(Append(read[runner], User()))));

        Assert.DoesNotContain(false, written);
    }

    [Fact, Rule("2.4", "4.1")]
    public async Task TryWrite_loses_no_message_when_writers_try_until_they_succeed()
    {
        var created = await CreateAsync();

        await RaceAsync(Runners, async runner =>
        {
            for (var number = 0; number < Rounds; number++)
            {
                for (var attempt = 1; !await TryAsync(Batch(Append((await LoadAsync(created.Conversation.Id))!, User($"{runner} {number}")))); attempt++)
                {
                    Assert.True(attempt < MostAttempts, "A batch was refused again and again, each time with the state that was just loaded.");
                    await Task.Yield();
                }
            }

            return true;
        });

        var messages = await MessagesAsync(created.Conversation.Id);
        Assert.Equal(Runners * Rounds, messages.Select(message => message.Text).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(Enumerable.Range(1, Runners * Rounds).Select(position => (long)position), messages.Select(message => message.Position));
    }

    [Fact, Rule("2.4")]
    public async Task TryWrite_applies_one_of_two_batches_that_list_conversations_in_opposite_orders()
    {
        var (one, other) = (await CreateAsync(), await CreateAsync());
        for (var round = 0; round < Rounds; round++)
        {
            var (first, second) = (one, other);

            var written = await RaceAsync(2, runner => TryAsync(runner == 0 ? Batch(Touch(first), Touch(second)) : Batch(Touch(second), Touch(first))));

            Assert.Equal(1, written.Count(isWritten => isWritten));
            (one, other) = ((await LoadAsync(one.Conversation.Id))!, (await LoadAsync(other.Conversation.Id))!);
        }
    }

    [Fact, Rule("11.1")]
    public async Task DeleteConversation_returns_true_once_when_called_many_times()
    {
        var created = await CreateAsync(User());

        var deleted = await RaceAsync(Runners, _ => Store.DeleteConversationAsync(created.Conversation.Id, Host).AsTask());

        Assert.Equal(1, deleted.Count(isDeleted => isDeleted));
    }

    [Fact, Rule("11.1", "2.1", "7.2")]
    public async Task DeleteConversation_leaves_nothing_when_conversation_is_written_at_the_same_time()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var created = await CreateCurrentAsync(null, User());

            await RaceAsync(2, runner => runner == 0
                ? Store.DeleteConversationAsync(created.Conversation.Id, Host).AsTask()
                : TryAsync(PointingBatch(created.Conversation.Id, OpenRun(created, $"key {round}", User()))));

            Assert.Empty(await MessagesAsync(created.Conversation.Id));
            Assert.Null(await CurrentIdAsync());
            Assert.Null(await KeyedRunAsync($"key {round}"));
        }
    }

    [Fact, Rule("3.1")]
    public async Task Load_returns_state_of_one_moment_while_writes_run()
    {
        var conversation = await WriteAsync(Batch(Answer(await CreateCurrentAsync())));
        var lookup = ByScope() with { Window = new WindowSize(9), SummaryBefore = long.MaxValue, Key = new RequestKey("caller", "key") };

        await WhileWritingAsync(
            async _ => conversation = await WriteAsync(Answer(conversation)),
            async () =>
            {
                var state = await Store.LoadAsync(lookup);
                var run = state.Conversation!.LastRun;

                Assert.Equal(
                    (run, run, run, state.Conversation.Version),
                    (Assert.Single(state.Window).RunNumber, state.KeyedRun?.Run.Number, state.Summary?.MessageCount, state.KeyedConversation?.Version));
            });
    }

    [Fact, Rule("3.1")]
    public async Task Load_returns_window_of_the_version_while_writes_run()
    {
        var conversation = await CreateAsync(User());
        var lookup = ById(conversation.Conversation.Id) with { Window = new WindowSize(1) };

        await WhileWritingAsync(
            async _ => conversation = await WriteAsync(Append(conversation, User())),
            async () =>
            {
                var state = await Store.LoadAsync(lookup);

                Assert.Equal(state.Conversation!.Conversation.LastPosition, Assert.Single(state.Window).Position);
            });
    }

    [Fact, Rule("3.1")]
    public async Task ReadMessages_returns_whole_batches_while_writes_run()
    {
        var conversation = await CreateAsync(User(), User(), User());
        var id = conversation.Conversation.Id;

        await WhileWritingAsync(
            async _ =>
            {
                var last = conversation.Conversation.LastPosition;
                conversation = await WriteAsync(Append(conversation, User(), User(), User()) with { DeletedMessages = [last - 2, last - 1, last] });
            },
            async () => Assert.Equal(3, (await MessagesAsync(id)).Count));
    }

    [Fact, Rule("3.1")]
    public async Task ReadRuns_returns_each_run_once_while_writes_run()
    {
        var conversation = await CreateAsync();
        var id = conversation.Conversation.Id;

        await WhileWritingAsync(
            async _ => conversation = await WriteAsync(conversation.OpenRun is null ? OpenRun(conversation) : CloseRun(conversation)),
            async () =>
            {
                var numbers = await RunNumbersAsync(AllRuns(id));

                Assert.Equal(Enumerable.Range(1, numbers.Count).Reverse().Select(number => (long)number), numbers);
            });
    }

    [Fact, Rule("3.1")]
    public async Task ListConversations_returns_whole_batches_while_writes_run()
    {
        var (one, other) = (await CreateAsync(), await CreateAsync());

        await WhileWritingAsync(
            async number =>
            {
                await WriteAsync(Batch(Rename(one, $"{number}"), Rename(other, $"{number}")));
                (one, other) = (one with { Version = one.Version + 1 }, other with { Version = other.Version + 1 });
            },
            async () => Assert.Single((await Store.ListConversationsAsync(AllConversations())).Select(conversation => conversation.Title).Distinct(StringComparer.Ordinal)));
    }

    private async Task<bool> TryAsync(ConversationBatch batch) => await Store.TryWriteAsync(batch);

    /// <summary>Returns a write of a closed run, which takes the key from the run before, with two messages and a summary of all but the last.</summary>
    private ConversationWrite Answer(StoredConversation conversation)
    {
        var id = conversation.Conversation.Id;
        var run = conversation.LastRun + 1;
        var write = Append(conversation with { LastRun = run }, User() with { RunNumber = run }, Assistant() with { RunNumber = run });
        return write with
        {
            Runs = run == 1 ? [ClosedRun(id, run, "key")] : [ClosedRun(id, run - 1), ClosedRun(id, run, "key")],
            Summary = new ConversationSummary { ConversationId = id, Through = write.Messages[0].Position, MessageCount = run, Text = "summary", CreatedAt = Time.GetUtcNow() },
        };
    }

    /// <summary>Reads again and again while another thread writes, until both have done so often enough.</summary>
    private static async Task WhileWritingAsync(Func<int, Task> write, Func<Task> read)
    {
        var reads = 0;
        var isDone = false;
        await RaceAsync(2, async runner =>
        {
            try
            {
                for (var number = 0; !Volatile.Read(ref isDone) && (runner == 1 || number < Writes || Volatile.Read(ref reads) < Reads); number++)
                {
                    await (runner == 0 ? write(number) : read());
                    if (runner == 1)
                        Interlocked.Increment(ref reads);
                    await Task.Yield();
                }
            }
            finally
            {
                Volatile.Write(ref isDone, true);
            }

            return true;
        });
    }
}
