using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Runs are stored and read by number.</summary>
public abstract class RunSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_all_fields_as_written()
    {
        var created = await CreateAsync();
        var run = Full(created.Conversation.Id, 1);
        await WriteAsync(Touch(created) with { Runs = [run] });

        ModelAssert.Equal(new[] { run }, await RunsAsync(created.Conversation.Id));
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_null_for_fields_that_were_not_written()
    {
        var created = await CreateAsync();
        var run = new StoredRun { Run = new ConversationRun { ConversationId = created.Conversation.Id, Number = 1, Status = RunStatus.Cancelled, StartedAt = Time.GetUtcNow() } };
        await WriteAsync(Touch(created) with { Runs = [run] });

        ModelAssert.Equal(new[] { run }, await RunsAsync(created.Conversation.Id));
    }

    [Theory, Rule("5.5")]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Failed)]
    [InlineData(RunStatus.Cancelled)]
    [InlineData(RunStatus.Interrupted)]
    [InlineData(RunStatus.RequiresAction)]
    public async Task ReadRuns_returns_each_status(RunStatus status)
    {
        var created = await CreateAsync();
        var run = ClosedRun(created.Conversation.Id, 1);
        await WriteAsync(Touch(created) with { Runs = [run with { Run = run.Run with { Status = status } }] });

        Assert.Equal(status, Assert.Single(await RunsAsync(created.Conversation.Id)).Run.Status);
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_open_run()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync(), "key", User()));

        ModelAssert.Equal(new[] { new StoredRun { Run = opened.OpenRun!.Run, Fingerprint = opened.OpenRun.Fingerprint } }, await RunsAsync(opened.Conversation.Id));
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_closed_run_once_when_open_run_was_closed()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync(), "key", User()));
        var write = CloseRun(opened, Assistant());
        await WriteAsync(write);

        ModelAssert.Equal(write.Runs, await RunsAsync(opened.Conversation.Id));
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_newest_first_with_open_run()
    {
        var conversation = await CreateAsync();
        for (var number = 1; number <= 11; number++)
            conversation = await WriteAsync(CloseRun(await WriteAsync(OpenRun(conversation))));
        await WriteAsync(OpenRun(conversation));

        Assert.Equal(Enumerable.Range(1, 12).Reverse().Select(number => (long)number), await RunNumbersAsync(AllRuns(conversation.Conversation.Id)));
    }

    [Theory, Rule("5.5")]
    [InlineData(null, 0, 9, "7 6 5 4")]
    [InlineData(null, 0, 3, "7 6 5")]
    [InlineData(null, 0, 2, "7 6")]
    [InlineData(7L, 0, 1, "6")]
    [InlineData(6L, 0, 2, "5 4")]
    [InlineData(5L, 0, 9, "4")]
    [InlineData(null, 4, 9, "7 6 5")]
    [InlineData(null, 5, 9, "7 6")]
    public async Task ReadRuns_returns_open_run_in_its_place_when_later_runs_are_closed(long? before, long after, int limit, string expected)
    {
        var created = await CreateAsync();
        var opened = await WriteAsync(OpenRun(created with { LastRun = 4 }) with { Runs = [ClosedRun(created.Conversation.Id, 4)] });
        await WriteAsync(Touch(opened with { LastRun = 7 }) with { Runs = [ClosedRun(created.Conversation.Id, 6), ClosedRun(created.Conversation.Id, 7)] });
        var range = AllRuns(created.Conversation.Id) with { Before = before, After = after, Limit = limit };

        Assert.Equal(expected, string.Join(' ', await RunNumbersAsync(range)));
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_order_of_numbers_when_runs_were_written_in_another_order()
    {
        var created = await CreateAsync();
        var first = await WriteAsync(Touch(created) with { Runs = [ClosedRun(created.Conversation.Id, 5), ClosedRun(created.Conversation.Id, 2)] });
        await WriteAsync(Touch(first) with { Runs = [ClosedRun(created.Conversation.Id, 3)] });

        Assert.Equal([5, 3, 2], await RunNumbersAsync(AllRuns(created.Conversation.Id)));
    }

    [Theory, Rule("5.5")]
    [InlineData(null, 0, 9, "7 5 3 1")]
    [InlineData(7L, 0, 9, "5 3 1")]
    [InlineData(6L, 0, 9, "5 3 1")]
    [InlineData(null, 3, 9, "7 5")]
    [InlineData(null, 4, 9, "7 5")]
    [InlineData(7L, 1, 9, "5 3")]
    [InlineData(5L, 3, 9, "")]
    [InlineData(1L, 0, 9, "")]
    [InlineData(9L, 7, 9, "")]
    [InlineData(null, 0, 1, "7")]
    [InlineData(null, 0, 2, "7 5")]
    [InlineData(7L, 0, 2, "5 3")]
    public async Task ReadRuns_returns_runs_between_numbers_up_to_limit(long? before, long after, int limit, string expected)
    {
        var created = await CreateAsync();
        var write = OpenRun(created with { LastRun = 6 });
        await WriteAsync(write with { Runs = [.. new[] { 1, 3, 5 }.Select(number => ClosedRun(created.Conversation.Id, number))] });
        var range = AllRuns(created.Conversation.Id) with { Before = before, After = after, Limit = limit };

        Assert.Equal(expected, string.Join(' ', await RunNumbersAsync(range)));
    }

    [Theory, Rule("5.5")]
    [InlineData(2L, null, 0, 9, "8 6 4 3")]
    [InlineData(2L, 6L, 0, 9, "4 3")]
    [InlineData(2L, null, 4, 9, "8 6")]
    [InlineData(2L, null, 8, 9, "")]
    [InlineData(2L, null, 0, 1, "8")]
    [InlineData(2L, null, 0, 3, "8 6 4")]
    [InlineData(2L, 8L, 3, 1, "6")]
    [InlineData(3L, null, 0, 9, "5")]
    [InlineData(1L, null, 0, 9, "")]
    [InlineData(9L, null, 0, 9, "")]
    public async Task ReadRuns_returns_only_runs_on_existing_input(long input, long? before, long after, int limit, string expected)
    {
        var created = await CreateAsync();
        var id = created.Conversation.Id;
        var open = OpenRun(created with { LastRun = 7 });
        var openRun = open.Conversation.OpenRun!;
        open = open with { Conversation = open.Conversation with { OpenRun = openRun with { Run = On(openRun.Run, 2, again: true) } } };
        await WriteAsync(open with { Runs = [Run(1, 1), Run(2, 2), Run(3, 2, again: true), Run(4, 2, again: true), Run(5, 3, again: true), Run(6, 2, again: true), Run(7, 2)] });
        await WriteAsync(Touch(await CreateAsync()) with { Runs = [Run(9, 2, again: true)] });

        var numbers = await RunNumbersAsync(AllRuns(id) with { OnExistingInput = input, Before = before, After = after, Limit = limit });

        Assert.Equal(expected, string.Join(' ', numbers));

        StoredRun Run(long number, long position, bool again = false)
        {
            var run = ClosedRun(id, number);
            return run with { Run = On(run.Run, position, again) };
        }

        static ConversationRun On(ConversationRun run, long position, bool again) => run with { InputPosition = position, InputCount = 1, IsOnExistingInput = again };
    }

    [Fact, Rule("5.5", "4.3")]
    public async Task ReadRuns_returns_runs_on_existing_input_as_replaced()
    {
        var created = await CreateAsync();
        var range = AllRuns(created.Conversation.Id);
        StoredRun[] written = [On(1, 2), On(2, 2), On(3, 2), On(4, 3)];
        StoredRun[] replaced = [On(1, 3), On(2, input: null), On(3, 2) with { SupersededFrom = 4 }];
        var first = await WriteAsync(Touch(created) with { Runs = written });
        await WriteAsync(Touch(first) with { Runs = replaced });

        ModelAssert.Equal(new[] { replaced[2] }, await Store.ReadRunsAsync(range with { OnExistingInput = 2 }));
        ModelAssert.Equal(new[] { written[3], replaced[0] }, await Store.ReadRunsAsync(range with { OnExistingInput = 3 }));

        StoredRun On(long number, long? input)
        {
            var run = ClosedRun(created.Conversation.Id, number);
            return run with { Run = run.Run with { InputPosition = input ?? 2, InputCount = 1, IsOnExistingInput = input is not null } };
        }
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_run_on_existing_input_once_when_open_run_was_closed()
    {
        var write = OpenRun(await CreateAsync());
        var run = write.Conversation.OpenRun!.Run with { InputPosition = 1, IsOnExistingInput = true, ReplacedPosition = 1 };
        var opened = await WriteAsync(write with { Conversation = write.Conversation with { OpenRun = write.Conversation.OpenRun with { Run = run } } });
        var range = AllRuns(opened.Conversation.Id) with { OnExistingInput = 1 };
        ModelAssert.Equal(new[] { opened.OpenRun!.ToStoredRun() }, await Store.ReadRunsAsync(range));
        var close = CloseRun(opened, Assistant());
        await WriteAsync(close);

        ModelAssert.Equal(close.Runs, await Store.ReadRunsAsync(range));
    }

    [Fact, Rule("5.5")]
    public async Task ReadRuns_returns_empty_when_conversation_does_not_exist()
    {
        await WriteAsync(OpenRun(await CreateAsync()));

        Assert.Empty(await RunsAsync("conv_unknown"));
    }

    [Fact, Rule("4.3")]
    public async Task TryWrite_replaces_run_when_number_exists()
    {
        var created = await CreateAsync();
        var first = await WriteAsync(Touch(created) with { Runs = [Full(created.Conversation.Id, 1), ClosedRun(created.Conversation.Id, 2)] });
        var replaced = ClosedRun(created.Conversation.Id, 1);
        await WriteAsync(Touch(first) with { Runs = [replaced] });

        ModelAssert.Equal(new[] { ClosedRun(created.Conversation.Id, 2), replaced }, await RunsAsync(created.Conversation.Id));
    }

    [Fact, Rule("4.3")]
    public async Task TryWrite_leaves_other_runs_when_run_is_replaced()
    {
        var created = await CreateAsync();
        var first = await WriteAsync(Touch(created) with { Runs = [Full(created.Conversation.Id, 1), Full(created.Conversation.Id, 2) with { SupersededFrom = 4 }] });
        await WriteAsync(Touch(first) with { Runs = [ClosedRun(created.Conversation.Id, 1)] });

        Assert.Equal(4, (await RunsAsync(created.Conversation.Id))[0].SupersededFrom);
    }

    [Fact, Rule("4.3")]
    public async Task TryWrite_stores_runs_with_the_same_number_in_two_conversations()
    {
        var one = await WriteAsync(OpenRun(await CreateAsync()));
        var other = await WriteAsync(OpenRun(await CreateAsync()));
        await WriteAsync(CloseRun(one));

        Assert.Equal(
            [RunStatus.Completed, RunStatus.Running],
            [(await RunsAsync(one.Conversation.Id))[0].Run.Status, (await RunsAsync(other.Conversation.Id))[0].Run.Status]);
    }

    [Fact, Rule("4.3")]
    public async Task TryWrite_closes_one_run_and_opens_the_next()
    {
        var opened = await WriteAsync(OpenRun(await CreateAsync()));
        var closed = CloseRun(opened);
        var next = OpenRun(closed.Conversation);
        await WriteAsync(next with { Runs = closed.Runs });

        Assert.Equal([RunStatus.Running, RunStatus.Completed], (await RunsAsync(opened.Conversation.Id)).Select(run => run.Run.Status));
    }

    private StoredRun Full(string conversationId, long number)
    {
        var time = Time.GetUtcNow();
        return new StoredRun
        {
            Fingerprint = "digest",
            SupersededFrom = 3_000_000_019,
            SegmentsExpireAt = time.AddTicks(11),
            Run = new ConversationRun
            {
                ConversationId = conversationId,
                Number = number,
                Kind = RunKind.Summary,
                Status = RunStatus.Failed,
                Caller = "caller;tenant_id=acme",
                Model = "model",
                FinishReason = string.Concat(Enumerable.Repeat("content_filter: 👍 ", 100)),
                Usage = new TokenUsage { InputTokens = 3_000_000_019, OutputTokens = 3_000_000_037, CachedInputTokens = 3_000_000_077, CacheWriteInputTokens = 3_000_000_089, ReasoningTokens = 3_000_000_097 },
                UsageByModel =
                [
                    new ModelUsage { Model = "model", Usage = new TokenUsage { InputTokens = 3_000_000_019, CachedInputTokens = 3_000_000_077, CacheWriteInputTokens = 3_000_000_089 }, Cost = 0.123456789012345678m },
                    new ModelUsage { Usage = new TokenUsage { OutputTokens = 3_000_000_037, ReasoningTokens = 3_000_000_097 } },
                ],
                PromptTokens = 3_000_000_103,
                HistoryTokens = 3_000_000_131,
                WindowStart = 3_000_000_133,
                Cost = 0.123456789012345678m,
                Error = "System.InvalidOperationException",
                IdempotencyKey = $"key {number}",
                IsOnExistingInput = true,
                InputPosition = 3_000_000_001,
                InputCount = 2,
                ReplacedPosition = 3_000_000_000,
                OutputPosition = 3_000_000_003,
                OutputCount = 4,
                StartedAt = time.AddTicks(-3),
                EndedAt = time.AddTicks(3),
            },
        };
    }
}
