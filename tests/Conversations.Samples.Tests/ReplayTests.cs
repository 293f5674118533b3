using System.Text.Json;

namespace Conversations.Samples.Tests;

/// <summary>Replays conversations made here, with the irregularities of real ones: calls without content, ids used twice, empty results, users without an answer.</summary>
public sealed class ReplayTests : IDisposable
{
    private const int Conversations = 60;

    private readonly Sample _sample = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _sample.Dispose();

    [Fact]
    public async Task Replay_twice_counts_the_same_and_finds_no_mismatch()
    {
        await RecordAsync();

        var first = await ReplayAsync();
        var second = await ReplayAsync();

        first.ExitCode.Should().Be(0, "{0}", first.Errors);
        first.Output.Should().Contain($"{Conversations} conversations, {4 * Conversations} turns, {11 * Conversations} messages, {2 * Conversations} tool calls").And.Contain("mismatches: 0");
        second.ExitCode.Should().Be(0, "{0}", second.Errors);
        Counts(second.Output).Should().Be(Counts(first.Output));
        (await CountMessagesAsync()).Should().Be(11 * Conversations);
    }

    [Fact]
    public async Task Replay_that_was_killed_continues_without_duplicate_messages()
    {
        await RecordAsync();
        var kills = 0;
        foreach (var messages in new[] { 1, 100, 333 })
            kills += await _sample.RunAndKillAsync(async () => await CountMessagesAsync() >= messages, "Replay", "recorded.jsonl", "--database", "replay.db") ? 1 : 0;

        var last = await ReplayAsync();

        kills.Should().BePositive();
        last.ExitCode.Should().Be(0, "{0}", last.Errors);
        last.Output.Should().Contain($"{11 * Conversations} messages").And.Contain("mismatches: 0");
        (await CountMessagesAsync()).Should().Be(11 * Conversations);
    }

    [Fact]
    public async Task Replay_names_a_malformed_line_and_continues()
    {
        await RecordAsync();
        var lines = (await File.ReadAllLinesAsync(_sample.File("recorded.jsonl"), Cancellation)).ToList();
        lines.Insert(1, """{"id": "broken", "messages": [{"role": "user", "content": "secret" """);
        lines.Insert(3, """{"id": "wizard", "messages": [{"role": "wizard", "content": "secret"}]}""");
        await File.WriteAllLinesAsync(_sample.File("recorded.jsonl"), lines, Cancellation);

        var run = await ReplayAsync();

        run.ExitCode.Should().NotBe(0);
        run.Errors.Should().MatchRegex(@"recorded\.jsonl.*\b2\b").And.MatchRegex(@"recorded\.jsonl.*\b4\b").And.NotContain("secret");
        run.Output.Should().Contain($"{Conversations} conversations").And.Contain("mismatches: 0");
    }

    [Fact]
    public async Task Replay_fails_when_the_file_does_not_exist()
    {
        var run = await _sample.RunAsync("Replay", "nowhere.jsonl", "--database", "replay.db");

        run.ExitCode.Should().NotBe(0);
        run.Errors.Should().Contain("nowhere.jsonl");
    }

    private static string Counts(string output) => output.Split(" messages", 2)[0];

    private Task<(int ExitCode, string Output, string Errors)> ReplayAsync() => _sample.RunAsync("Replay", "recorded.jsonl", "--database", "replay.db");

    private async Task RecordAsync()
    {
        var lines = Enumerable.Range(1, Conversations).Select(i => JsonSerializer.Serialize(new
        {
            id = $"c-{i}",
            messages = new object[]
            {
                new { role = "system", content = "You book flights. 你好 \u0001" },
                new { role = "user", content = $"Book flight {i} 👩‍👩‍👧" },
                new { role = "assistant", content = (string?)null, tool_calls = new[] { new { id = "call_0", name = "search", arguments = "{\"to\":\"Paris\"," } } },
                new { role = "tool", tool_call_id = "call_0", name = "search", content = "" },
                new { role = "assistant", content = "Found it.", tool_calls = new[] { new { id = "call_0", name = "book", arguments = "{}" } } },
                new { role = "tool", tool_call_id = "call_0", content = "{\"ok\": true}" },
                new { role = "assistant", content = "Booked." },
                new { role = "user", content = "Wait" },
                new { role = "user", content = "Thanks" },
                new { role = "assistant", content = "You're welcome." },
                new { role = "user", content = "###STOP###" },
            },
        }));
        await File.WriteAllLinesAsync(_sample.File("recorded.jsonl"), lines, Cancellation);
    }

    /// <summary>How many messages the database holds at this moment, the killed process or not.</summary>
    private async Task<long> CountMessagesAsync()
    {
        if (!File.Exists(_sample.File("replay.db")))
            return 0;

        await using var store = new SqliteConversationStore($"Data Source={_sample.File("replay.db")}");
        var manager = new ConversationManager(store, new ConversationOptions());
        var conversations = await manager.ListAsync(new ConversationQuery { PageSize = 1000 }, Cancellation).ToListAsync(Cancellation);
        return conversations.Sum(conversation => conversation.MessageCount);
    }
}
