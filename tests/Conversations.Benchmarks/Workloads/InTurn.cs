using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W2: many conversations, which have turns one after another.</summary>
internal sealed class InTurn : IWorkload
{
    private const int History = 20;

    public string Name => "W2";

    public string Title => "many conversations in turn";

    public bool WaitsForDisk => true;

    public int Measurements(Scale scale) => 1;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        await using var host = Host.OnSqlite(context.PathOf("w2"));
        using var floor = new Floor(context.PathOf("w2-floor"));
        var conversations = context.Scale.InTurn;
        for (var user = 0; user < conversations; user++)
        {
            await host.AddAsync(user, History);
            floor.AddConversation(user + 1, History);
        }

        var next = 0;
        var nextBare = 0;
        var full = Contender.Of(context.Turns, _ => host.TurnAsync(next++ % conversations));
        var bare = Contender.Of(context.Turns, _ => floor.Turn((nextBare++ % conversations) + 1));
        await Measurement.RunAsync(context, full, bare);
        return [Figure.Of(Name, string.Create(CultureInfo.InvariantCulture, $"full turn, {conversations:N0} conversations in turn"), full.Samples, bare.Samples)];
    }
}
