using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Conversations.Benchmarks.Micro;

/// <summary>The small parts of a turn.</summary>
internal static class MicroBenchmarks
{
    /// <summary>Runs them within this process: a project that BenchmarkDotNet generates would not build by the rules of this repository.</summary>
    public static void Run()
    {
        var artifacts = Path.Combine(Path.GetTempPath(), "conversations-micro");
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(artifacts)
            .WithOptions(ConfigOptions.JoinSummary);
        BenchmarkRunner.Run([typeof(SmallParts)], config);
    }
}
