using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W9: how long others wait while a long conversation is copied and deleted: the slowest turn of another conversation, of turns that follow each other.</summary>
internal sealed class LongWrites : IWorkload
{
    private const int Other = 1;

    // 50 ms.
    private static readonly Goal Wait = Goal.AtMost(50_000);

    public string Name => "W9";

    public string Title => "beside long writes";

    public bool WaitsForDisk => true;

    public int Measurements(Scale scale) => 3;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        var messages = context.Scale.Histories[^1];
        var path = context.PathOf("w9");
        await using var host = Host.OnSqlite(path);
        var source = await host.AddAsync(0, messages);
        await host.AddAsync(Other, 20);
        await using var bare = Bare.Open(path);
        var view = host.Manager.ForIdentity(Host.IdentityOf(0));
        var last = (await view.GetMessagePageAsync(source.Id, new MessageQuery { NewestFirst = true, PageSize = 1 })).Items[0];

        var figures = new List<Figure>();
        var length = string.Create(CultureInfo.InvariantCulture, $"{messages:N0} messages");
        for (var turn = 0; turn < context.Turns; turn++)
            await host.TurnAsync(Other);
        context.Advance(1);

        Conversation? fork = null;
        await MeasureAsync($"{length} are forked", async () => fork = await view.ForkAsync(last.Id!));
        context.Advance(1);
        await MeasureAsync($"{length} are deleted", () => view.DeleteAsync(fork!.Id));
        context.Advance(1);
        return figures;

        async Task MeasureAsync(string what, Func<Task> action)
        {
            var begun = Stopwatch.GetTimestamp();
            var writing = Task.Run(action);
            var slowest = TimeSpan.Zero;
            do
            {
                var turn = Stopwatch.GetTimestamp();
                await host.TurnAsync(Other);
                slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, Stopwatch.GetElapsedTime(turn).Ticks));
            }
            while (!writing.IsCompleted || IsRemoving(bare));

            await writing;
            figures.Add(new Figure(Name, $"the slowest turn while {what}", slowest.TotalMicroseconds) { Goal = Wait });
            figures.Add(new Figure(Name, $"until {what}", Stopwatch.GetElapsedTime(begun).TotalMicroseconds));
        }
    }

    private static bool IsRemoving(SqliteConnection bare)
    {
        using var command = bare.CreateCommand();
        command.CommandText = "SELECT EXISTS (SELECT 1 FROM removals)";
        return (long)command.ExecuteScalar()! == 1;
    }
}
