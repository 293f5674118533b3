using System.Diagnostics;
using System.Globalization;
using Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W7: what it costs to stream and to follow: a piece on its way through a turn, a segment that is saved, and a follower's look for more at the end of a stream.</summary>
internal sealed class Streams : IWorkload
{
    private const int PieceLength = 100;

    private static readonly string Piece = Texts.Answer[..PieceLength];
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);
    private static readonly ConversationAccess Everything = new(ConversationScope.DefaultProject, Audiences: null);

    public string Name => "W7";

    public string Title => "streams";

    public bool WaitsForDisk => false;

    public int Measurements(Scale scale) => 3;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        var path = context.PathOf("w7");
        await using var host = Host.OnSqlite(path);
        using var connection = Bare.Open(path, "PRAGMA synchronous = NORMAL;");
        return [.. await MeasurePiecesAsync(context, host), .. await MeasureSavingAsync(context, host), .. await MeasureFollowingAsync(context, host, connection)];
    }

    private static AppendSegmentsCommand Segment(TurnLease lease, int number) => new()
    {
        Lease = lease,
        KeepFor = TimeSpan.FromMinutes(5),
        Segments =
        [
            new StreamSegment(number, (number - 1L) * PieceLength, ConversationMessage.Assistant(Piece) with { Position = 2, CreatedAt = TimeProvider.System.GetUtcNow() }),
        ],
    };

    private static async Task<TurnLease> BeginAsync(Host host, int user)
    {
        var conversation = await host.AddAsync(user, messages: 0);
        var command = new BeginTurnCommand
        {
            Access = Everything,
            Agent = Host.Agent,
            ConversationId = conversation.Id,
            NewConversationId = conversation.Id,
            Input = [ConversationMessage.User(Texts.Question) with { CreatedAt = TimeProvider.System.GetUtcNow() }],
            Caller = "",
            LeaseDuration = Lease,
        };
        return ((TurnBegun)await host.Store.BeginTurnAsync(command)).Lease;
    }

    private static async IAsyncEnumerable<string> PiecesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.CompletedTask;
            yield return Piece;
        }
    }

    /// <summary>A stream that comes all at once, enumerated through a turn.</summary>
    private async Task<IReadOnlyList<Figure>> MeasurePiecesAsync(WorkloadContext context, Host host)
    {
        await host.AddAsync(0, messages: 0);
        var pieces = context.Scale.Reads * 10;
        var through = Contender.OfBatch(pieces, async () =>
        {
            await using var turn = await host.BeginAsync(0);
            var start = Stopwatch.GetTimestamp();
            await foreach (var _ in turn.StreamAsync(PiecesAsync(pieces)))
            {
            }

            var time = Stopwatch.GetElapsedTime(start);
            await turn.CommitAsync();
            return time;
        });
        await Measurement.RunAsync(context, through);
        return [new Figure(Name, "a piece on its way through a turn", through.Samples.Median)];
    }

    private async Task<IReadOnlyList<Figure>> MeasureSavingAsync(WorkloadContext context, Host host)
    {
        var streams = host.Store.GetFeature<IConversationStreamStore>()!;
        var lease = await BeginAsync(host, user: 1);
        var number = 0;
        var save = Contender.Of(context.Turns, async _ => await streams.AppendSegmentsAsync(Segment(lease, ++number)));
        await Measurement.RunAsync(context, save);
        return [new Figure(Name, "saving a segment", save.Samples.Median)];
    }

    private async Task<IReadOnlyList<Figure>> MeasureFollowingAsync(WorkloadContext context, Host host, SqliteConnection connection)
    {
        var streams = host.Store.GetFeature<IConversationStreamStore>()!;
        var looks = new List<(string Variant, Contender Look, Contender Bare)>();
        foreach (var (i, count) in context.Scale.Segments.Index())
        {
            var lease = await BeginAsync(host, user: 2 + i);
            for (var number = 1; number <= count; number++)
                await streams.AppendSegmentsAsync(Segment(lease, number));

            var query = new StreamQuery
            {
                ConversationId = lease.ConversationId,
                RunNumber = lease.Fence,
                Access = Everything,
                From = count * (long)PieceLength,
                Limit = 100,
            };
            var command = Bare.Prepare(connection, "SELECT number, offset, position, role, created_at, content FROM segments WHERE run = $run AND number >= $number ORDER BY number", "$run", "$number");
            command.Parameters[0].Value = lease.Fence;
            command.Parameters[1].Value = (long)count;
            looks.Add((
                string.Create(CultureInfo.InvariantCulture, $"a look for more, after {count:N0} segments"),
                Contender.Of(context.Scale.Reads, async i => _ = await streams.ReadStreamAsync(query) ?? throw new InvalidOperationException("It is not there.")),
                Contender.Of(context.Scale.Reads, _ =>
                {
                    using var rows = command.ExecuteReader();
                    while (rows.Read())
                        Bare.Read(rows, "nnnnnt");
                })));
        }

        await Measurement.RunAsync(context, [.. looks.SelectMany(look => new[] { look.Look, look.Bare })]);
        return
        [
            .. looks.Select(look => Figure.Of(Name, look.Variant, look.Look.Samples, look.Bare.Samples)),
            Figure.Of(Name, $"{looks[^1].Variant}, beside after {context.Scale.Segments[0]}", looks[^1].Look.Samples, looks[0].Look.Samples),
        ];
    }
}
