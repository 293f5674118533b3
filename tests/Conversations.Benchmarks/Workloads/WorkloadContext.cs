namespace Conversations.Benchmarks.Workloads;

/// <summary>What a workload runs with.</summary>
/// <param name="Folder">Where its databases are.</param>
/// <param name="Scale">How large it is.</param>
/// <param name="IsDelayed">Whether every wait for the disk is made longer, so that other goals hold.</param>
/// <param name="Advance">Reports how much of a measurement is done, of 1.</param>
/// <param name="CancellationToken">Ends it between two batches.</param>
internal sealed record WorkloadContext(string Folder, Scale Scale, bool IsDelayed, Action<double> Advance, CancellationToken CancellationToken = default)
{
    /// <summary>How many turns a batch has.</summary>
    public int Turns => IsDelayed ? Scale.DelayedTurns : Scale.Turns;

    public string PathOf(string name) => Path.Combine(Folder, $"{name}.db");
}
