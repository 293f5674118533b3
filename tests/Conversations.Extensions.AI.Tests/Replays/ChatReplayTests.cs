using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>Conversations with the providers' real clients, cut by every window, with faults: no request breaks a rule, and nothing that is stored is lost or doubled.
/// <c>tests/Conversations.Transcripts</c> does the same with recorded conversations.</summary>
public sealed class ChatReplayTests : IDisposable
{
    private const int Seed = 20261122;
    private const int FirstWindow = 2;
    private const int LastWindow = 40;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");

    public static TheoryData<string> Providers => new(ReplayProvider.Names);

    public void Dispose() => _folder.Delete(recursive: true);

    // Of 39 windows and 32 ways, each window has another way here. tests/Conversations.Transcripts has many of each.
    [Theory]
    [MemberData(nameof(Providers))]
    public async Task No_request_breaks_a_rule_and_no_message_is_lost_or_duplicated(string provider)
    {
        await using var server = await ReplayProvider.StartAsync(provider);
        await using var store = new SqliteConversationStore($"Data Source={Path.Combine(_folder.FullName, "test.db")}");
        var replay = new ChatReplay(server, store);
        for (var window = FirstWindow; window <= LastWindow; window++)
        {
            var random = new Random(Seed + window);
            var way = ReplayWay.Of(window, window);

            var finding = await replay.RunAsync(Made(random, turns: 4), way, random, () => Faults(random), TestContext.Current.CancellationToken);

            (finding, server.Violations.FirstOrDefault()).Should().Be(((string?)null, (RuleViolation?)null), "of the way {0}", way);
        }

        server.RequestCount.Should().BeGreaterThan(200);
    }

    private static IEnumerable<ReplayFault> Faults(Random random) => [.. Enumerable.Range(0, 4).Select(_ => random.Next(4) == 0 ? ReplayFault.Any(random) : default)];

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
                var made = Enumerable.Range(0, random.Next(1, 4)).Select(_ => new RecordedCall($"call_{calls++ % 11}", $"f{random.Next(2)}", $$"""{"n":{{random.Next(9)}},"text":"ä👍\"\n"}""")).ToList();
                messages.Add(new RecordedMessage(MessageRole.Assistant, random.Next(2) == 0 ? null : "Let me look.") { Calls = made });
                messages.AddRange(made.Select(call => new RecordedMessage(MessageRole.Tool, random.Next(5) == 0 ? "" : $"result of {call.Id}") { CallId = call.Id, Name = call.Name }));
            }

            if (random.Next(5) > 0)
                messages.Add(new RecordedMessage(MessageRole.Assistant, $"answer {turn} 👨‍👩‍👧 "));
        }

        return new RecordedConversation("made", messages);
    }
}
