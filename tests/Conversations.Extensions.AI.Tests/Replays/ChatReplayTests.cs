using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>Conversations with the provider's real client, cut by every window, with faults: no request breaks a rule, and nothing that is stored is lost or doubled.
/// <c>tests/Conversations.Transcripts</c> does the same with recorded conversations.</summary>
public sealed class ChatReplayTests : IAsyncLifetime
{
    private const int Seed = 20261122;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");
    private AnthropicServer _server = null!;

    public static TheoryData<int> Windows => [.. Enumerable.Range(2, 39)];

    public async ValueTask InitializeAsync() => _server = await AnthropicServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task No_request_breaks_a_rule_and_no_message_is_lost_or_duplicated(int window)
    {
        await using var store = new SqliteConversationStore($"Data Source={Path.Combine(_folder.FullName, "test.db")}");
        using var replay = new ChatReplay(_server, store);
        var random = new Random(Seed + window);
        foreach (var (isStreamed, givesUp) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            var conversation = Made(random, turns: 6);

            var finding = await replay.RunAsync(conversation, window, isStreamed, givesUp, () => Faults(random), TestContext.Current.CancellationToken);

            finding.Should().BeNull();
        }

        _server.Requests.Should().HaveCountGreaterThan(18);
    }

    private static IEnumerable<ReplayFault> Faults(Random random) => [.. Enumerable.Range(0, 4).Select(_ => random.Next(4) == 0 ? (ReplayFault)random.Next(1, 6) : ReplayFault.None)];

    /// <summary>A conversation in which answers, calls in parallel and one after another, and inputs without an answer follow one another by chance.</summary>
    private static RecordedConversation Made(Random random, int turns)
    {
        var messages = new List<RecordedMessage> { new(MessageRole.System, "Be kind.") };
        var calls = 0;
        for (var turn = 0; turn < turns; turn++)
        {
            messages.Add(new RecordedMessage(MessageRole.User, $"question {turn} 👍"));
            for (var step = random.Next(4); step > 0; step--)
            {
                var made = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new RecordedCall($"call_{calls++ % 7}", $"f{random.Next(2)}", $$"""{"n":{{random.Next(9)}},"text":"ä👍\"\n"}""")).ToList();
                messages.Add(new RecordedMessage(MessageRole.Assistant, random.Next(2) == 0 ? null : "Let me look.") { Calls = made });
                messages.AddRange(made.Select(call => new RecordedMessage(MessageRole.Tool, random.Next(5) == 0 ? "" : $"result of {call.Id}") { CallId = call.Id, Name = call.Name }));
            }

            if (random.Next(5) > 0)
                messages.Add(new RecordedMessage(MessageRole.Assistant, $"answer {turn} 👨‍👩‍👧 "));
        }

        return new RecordedConversation("made", messages);
    }
}
