using Conversations.Storage;

namespace Conversations.Sqlite.Tests.Differences;

/// <summary>The store against the one in memory: the same calls, made at random, give the same results.</summary>
public sealed class SqliteDifferenceTests : IAsyncDisposable
{
    private const int Calls = 400;

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly StoppedClock _clock = new();
    private readonly IConversationStore _expected;
    private readonly SqliteConversationStore _actual;
    private int _applied;
    private int _refused;
    private int _data;

    public SqliteDifferenceTests()
    {
        _expected = new InMemoryConversationStore(_clock);
        _actual = new SqliteConversationStore(_folder.ConnectionString(), _clock);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    public async ValueTask DisposeAsync()
    {
        await _actual.DisposeAsync();
        _expected.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Same_calls_give_the_same_results_as_in_memory(int seed)
    {
        var calls = new RandomCalls(seed);
        for (var i = 0; i < Calls; i++)
        {
            await MakeAsync(calls);
            _clock.Now += TimeSpan.FromTicks(calls.Next(1) * 333);
        }

        await CompareAllAsync(calls);
        _applied.Should().BeGreaterThan(Calls / 5);
        _refused.Should().BeGreaterThan(0);
        _data.Should().BeGreaterThan(0);
    }

    private Task MakeAsync(RandomCalls calls) => calls.Next(99) switch
    {
        < 45 => WriteAsync(calls),
        < 47 => DeleteAsync(calls),
        < 53 => AppendAsync(calls),
        < 68 => CompareLoadAsync(calls),
        < 78 => CompareMessagesAsync(calls),
        < 85 => CompareRunsAsync(calls),
        < 90 => CompareSegmentsAsync(calls),
        < 93 => CompareListAsync(calls),
        < 94 => CompareFeedbackAsync(calls),
        < 97 => CompareDataAsync(new DataLookup { ConversationId = calls.AnyId(), Access = calls.AnyAccess(), Position = calls.Next(8), Hash = calls.AnyHash() }),
        _ => CompareUsageAsync(calls),
    };

    private async Task WriteAsync(RandomCalls calls)
    {
        var batch = await calls.BatchAsync(_expected);

        var expected = await _expected.TryWriteAsync(batch, Token);
        (await _actual.TryWriteAsync(batch, Token)).Should().Be(expected);

        _applied += expected ? 1 : 0;
        _refused += expected ? 0 : 1;
    }

    private async Task DeleteAsync(RandomCalls calls)
    {
        var (id, access) = (calls.AnyId(), calls.AnyAccess());

        (await _actual.DeleteConversationAsync(id, access, Token)).Should().Be(await _expected.DeleteConversationAsync(id, access, Token));
    }

    private async Task AppendAsync(RandomCalls calls)
    {
        var batch = await calls.SegmentsAsync(_expected);

        (await _actual.AppendSegmentsAsync(batch, Token)).Should().Be(await _expected.GetFeature<IConversationStreamStore>()!.AppendSegmentsAsync(batch, Token));
    }

    private Task CompareLoadAsync(RandomCalls calls)
    {
        var isById = calls.Chance(50);
        return CompareAsync(new ConversationLookup
        {
            Access = calls.AnyAccess(),
            ConversationId = isById ? calls.AnyId() : null,
            Scope = isById ? null : calls.Pick(calls.Scopes),
            Key = calls.Chance(60) ? calls.AnyKey() : null,
            Window = calls.Chance(60) ? new WindowSize(1 + calls.Next(8), calls.AnyTokens()) : null,
            SummaryBefore = calls.Chance(50) ? calls.Next(9) : null,
        });
    }

    private Task CompareMessagesAsync(RandomCalls calls) => CompareAsync(new MessageRange
    {
        ConversationId = calls.AnyId(),
        Access = calls.AnyAccess(),
        After = calls.Next(4) - 1,
        Before = calls.Chance(50) ? calls.Next(12) : null,
        NewestFirst = calls.Chance(50),
        CurrentOnly = calls.Chance(50),
        SkipErrors = calls.Chance(50),
        Limit = 1 + calls.Next(9),
        TokenLimit = calls.AnyTokens(),
    });

    private Task CompareRunsAsync(RandomCalls calls) => CompareAsync(new RunRange
    {
        ConversationId = calls.AnyId(),
        Access = calls.AnyAccess(),
        Before = calls.Chance(50) ? calls.Next(5) : null,
        After = calls.Next(3),
        OnExistingInput = calls.Chance(50) ? calls.Next(5) : null,
        Limit = 1 + calls.Next(4),
    });

    private Task CompareSegmentsAsync(RandomCalls calls) =>
        CompareAsync(new SegmentRange { ConversationId = calls.AnyId(), Access = calls.AnyAccess(), RunNumber = calls.Next(4), From = calls.Next(60), Limit = 1 + calls.Next(3) });

    private async Task CompareFeedbackAsync(RandomCalls calls)
    {
        var range = new FeedbackRange
        {
            Access = calls.AnyAccess(),
            ConversationId = calls.Chance(40) ? calls.AnyId() : null,
            Position = calls.Chance(20) ? calls.Next(9) : null,
            Caller = calls.Chance(20) ? calls.Pick(RandomCalls.FeedbackCallers) : null,
            Agent = calls.Chance(20) ? "bot" : null,
            GivenFrom = calls.Chance(20) ? calls.AnyTime() : null,
            GivenBefore = calls.Chance(20) ? calls.AnyTime() : null,
            After = calls.Chance(40) ? new FeedbackPlace(calls.AnyTime(), calls.AnyId(), calls.Next(9), calls.Pick(RandomCalls.FeedbackCallers)) : null,
            Limit = 1 + calls.Next(6),
        };

        var expected = await _expected.GetFeature<IConversationFeedbackStore>()!.ReadFeedbackAsync(range, Token);
        (await _actual.ReadFeedbackAsync(range, Token)).Should().Equal(expected);
    }

    private async Task CompareListAsync(RandomCalls calls)
    {
        var listing = new ConversationListing
        {
            Access = calls.AnyAccess(),
            Query = new()
            {
                Agent = calls.Chance(20) ? "bot" : null,
                UserId = calls.Chance(20) ? "alice" : null,
                Channel = calls.Chance(20) ? ConversationChannels.Chat : null,
                Thread = calls.Chance(10) ? "thread 1" : null,
                Status = calls.Chance(20) ? ConversationStatus.Active : null,
                LastRunStatus = calls.Chance(20) ? calls.Pick([RunStatus.Running, RunStatus.RequiresAction]) : null,
                Metadata = calls.Chance(20) ? calls.Pick(RandomCalls.Metadata) : null,
                ActiveFrom = calls.Chance(20) ? calls.AnyTime() : null,
                ActiveBefore = calls.Chance(20) ? calls.AnyTime() : null,
            },
            After = calls.Chance(40) ? new ListPosition(calls.AnyTime(), calls.AnyId()) : null,
            Limit = 1 + calls.Next(6),
        };

        (await _actual.ListConversationsAsync(listing, Token)).Should().Equal(await _expected.ListConversationsAsync(listing, Token));
    }

    private async Task CompareUsageAsync(RandomCalls calls)
    {
        var access = calls.AnyAccess();
        var query = new UsageQuery
        {
            ConversationId = calls.Chance(30) ? calls.AnyId() : null,
            Agent = calls.Chance(30) ? "bot" : null,
            StartedFrom = calls.Chance(30) ? calls.AnyTime() : null,
            StartedBefore = calls.Chance(30) ? calls.AnyTime() : null,
            GroupBy = (UsageGrouping)calls.Next(63),
        };

        (await _actual.SumUsageAsync(access, query, Token)).Should().BeEquivalentTo(await _expected.GetFeature<IConversationUsageStore>()!.SumUsageAsync(access, query, Token));
    }

    private async Task CompareAllAsync(RandomCalls calls)
    {
        foreach (var id in calls.Ids)
        {
            foreach (var project in new[] { "p", "q" })
            {
                var access = new ConversationAccess(project, null);
                await CompareAsync(new ConversationLookup { Access = access, ConversationId = id, Window = new WindowSize(200), SummaryBefore = long.MaxValue });
                await CompareAsync(new MessageRange { ConversationId = id, Access = access, Limit = 1000 });
                await CompareAsync(new RunRange { ConversationId = id, Access = access, Limit = 1000 });
                foreach (var message in await _expected.ReadMessagesAsync(new MessageRange { ConversationId = id, Access = access, Limit = 1000 }, Token))
                {
                    foreach (var part in message.Parts.OfType<DataPart>())
                        await CompareDataAsync(new DataLookup { ConversationId = id, Access = access, Position = message.Position, Hash = part.Hash });
                }
            }
        }
    }

    private async Task CompareDataAsync(DataLookup lookup)
    {
        var expected = await _expected.GetFeature<IConversationDataStore>()!.ReadDataAsync(lookup, Token);
        (await _actual.ReadDataAsync(lookup, Token)).Should().Equal(expected);
        _data += expected is null ? 0 : 1;
    }

    private async Task CompareAsync(ConversationLookup lookup)
    {
        var expected = await _expected.LoadAsync(lookup, Token);

        var actual = await _actual.LoadAsync(lookup, Token);

        (actual with { Window = [] }).Should().Be(expected with { Window = [] });
        actual.Window.Should().Equal(expected.Window);
    }

    private async Task CompareAsync(MessageRange range) =>
        (await _actual.ReadMessagesAsync(range, Token)).Should().Equal(await _expected.ReadMessagesAsync(range, Token));

    private async Task CompareAsync(RunRange range) =>
        (await _actual.ReadRunsAsync(range, Token)).Should().Equal(await _expected.ReadRunsAsync(range, Token));

    private async Task CompareAsync(SegmentRange range) =>
        (await _actual.ReadSegmentsAsync(range, Token)).Should().Equal(await _expected.GetFeature<IConversationStreamStore>()!.ReadSegmentsAsync(range, Token));

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
