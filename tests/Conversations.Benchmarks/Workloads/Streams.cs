using System.Diagnostics;
using System.Globalization;
using Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W7: what it costs to stream and to follow: a piece on its way through a turn, a segment that is saved, and a follower's poll at the end of a stream.</summary>
internal sealed class Streams : IWorkload
{
    private const int PieceLength = 100;

    private static readonly string Piece = Texts.Answer[..PieceLength];
    private static readonly ConversationAccess Everything = new(ConversationScope.DefaultProject, audiences: null);

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

    /// <summary>A segment of an open run.</summary>
    private static SegmentBatch Segment(StoredConversation conversation, int number) => new()
    {
        ConversationId = conversation.Conversation.Id,
        Access = Everything,
        RunNumber = conversation.OpenRun!.Run.Number,
        Token = conversation.OpenRun.Token,
        Segments = [new StreamSegment(number, (number - 1L) * PieceLength, Piece)],
    };

    /// <summary>Begins a turn and reads the conversation with the open run.</summary>
    private static async Task<(ConversationTurn Turn, StoredConversation Conversation)> BeginAsync(Host host, int user)
    {
        await host.AddAsync(user, messages: 0);
        var turn = await host.BeginAsync(user);
        var state = await host.Store.LoadAsync(new ConversationLookup { Access = Everything, ConversationId = turn.ConversationId });
        return (turn, state.Conversation!);
    }

    private static async IAsyncEnumerable<string> PiecesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.CompletedTask;
            yield return Piece;
        }
    }

    /// <summary>A stream without pauses, enumerated through a turn.</summary>
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
        var (turn, conversation) = await BeginAsync(host, user: 1);
        await using var open = turn;
        var number = 0;
        var save = Contender.Of(context.Turns, async _ => await streams.AppendSegmentsAsync(Segment(conversation, ++number)));
        await Measurement.RunAsync(context, save);
        return [new Figure(Name, "saving a segment", save.Samples.Median)];
    }

    private async Task<IReadOnlyList<Figure>> MeasureFollowingAsync(WorkloadContext context, Host host, SqliteConnection connection)
    {
        var streams = host.Store.GetFeature<IConversationStreamStore>()!;
        var turns = new List<ConversationTurn>();
        var looks = new List<(string Variant, Contender Look, Contender Bare)>();
        foreach (var (i, count) in context.Scale.Segments.Index())
        {
            var (turn, conversation) = await BeginAsync(host, user: 2 + i);
            turns.Add(turn);
            for (var number = 1; number <= count; number++)
                await streams.AppendSegmentsAsync(Segment(conversation, number));

            var run = conversation.OpenRun!.Run;
            var query = new SegmentRange
            {
                ConversationId = run.ConversationId,
                RunNumber = run.Number,
                Access = Everything,
                From = count * (long)PieceLength,
                Limit = 100,
            };
            var command = Bare.Prepare(connection, "SELECT number, offset, content FROM segments WHERE run = $run AND number >= $number ORDER BY number", "$run", "$number");
            command.Parameters[0].Value = (KeyOf(connection, run.ConversationId) << 32) + run.Number;
            command.Parameters[1].Value = (long)count;
            looks.Add((
                string.Create(CultureInfo.InvariantCulture, $"a look for more, after {count:N0} segments"),
                Contender.Of(context.Scale.Reads, async _ => await streams.ReadSegmentsAsync(query)),
                Contender.Of(context.Scale.Reads, _ =>
                {
                    using var rows = command.ExecuteReader();
                    while (rows.Read())
                        Bare.Read(rows, "nnt");
                })));
        }

        await Measurement.RunAsync(context, [.. looks.SelectMany(look => new[] { look.Look, look.Bare })]);
        foreach (var turn in turns)
            await turn.DisposeAsync();
        return
        [
            .. looks.Select(look => Figure.Of(Name, look.Variant, look.Look.Samples, look.Bare.Samples)),
            Figure.Of(Name, $"{looks[^1].Variant}, beside after {context.Scale.Segments[0]}", looks[^1].Look.Samples, looks[0].Look.Samples),
        ];
    }

    private static long KeyOf(SqliteConnection connection, string conversationId)
    {
        using var find = Bare.Prepare(connection, "SELECT key FROM conversations WHERE id = $id", "$id");
        find.Parameters[0].Value = conversationId;
        return Convert.ToInt64(find.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
