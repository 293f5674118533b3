namespace Conversations.Benchmarks.Workloads;

/// <summary>A way to use the library, measured beside its floor.</summary>
internal interface IWorkload
{
    /// <summary>W1 to W9.</summary>
    string Name { get; }

    string Title { get; }

    /// <summary>Whether it waits for the disk, so that a slower one makes a difference.</summary>
    bool WaitsForDisk { get; }

    /// <summary>How many measurements it makes.</summary>
    int Measurements(Scale scale);

    Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context);
}
