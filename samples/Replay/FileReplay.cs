using System.Diagnostics;
using Conversations;
using Spectre.Console;

namespace Replay;

/// <summary>Replays a file, then reads everything back and compares it.</summary>
internal sealed class FileReplay(ConversationManager conversations, FileInfo database)
{
    private readonly Replayer _replayer = new(conversations);

    public async Task<FileReport> RunAsync(FileInfo file, ProgressContext progress, CancellationToken cancellationToken)
    {
        var report = new FileReport(file.Name);
        await ReplayAsync(file, report, progress.AddTask($"{file.Name}: replay", maxValue: file.Length), cancellationToken);
        await CompareAsync(file, report, progress.AddTask($"{file.Name}: compare", maxValue: file.Length), cancellationToken);
        report.DatabaseBytes = SizeOf(database.FullName) + SizeOf(database.FullName + "-wal");
        return report;
    }

    private async Task ReplayAsync(FileInfo file, FileReport report, ProgressTask task, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await foreach (var line in Transcript.ReadAsync(file, cancellationToken))
        {
            if (line.Conversation is null)
            {
                report.AddProblem(line.Number, line.Problem!);
            }
            else
            {
                try
                {
                    report.Turns += await _replayer.ReplayAsync(file.Name, line.Conversation, cancellationToken);
                }
                catch (ConversationException exception) when (exception is not ConversationStoreException)
                {
                    report.AddProblem(line.Number, exception.Code);
                }
            }

            task.Increment(line.Length);
        }

        report.Elapsed = watch.Elapsed;
        task.Value = task.MaxValue;
    }

    private async Task CompareAsync(FileInfo file, FileReport report, ProgressTask task, CancellationToken cancellationToken)
    {
        await foreach (var line in Transcript.ReadAsync(file, cancellationToken))
        {
            if (line.Conversation is { } recorded)
            {
                var stored = await _replayer.ReadBackAsync(file.Name, recorded, cancellationToken);
                report.Conversations += stored.Count > 0 ? 1 : 0;
                report.Messages += stored.Count;
                report.ToolCalls += stored.Sum(message => message.Parts.OfType<ToolCallPart>().Count());
                foreach (var difference in Comparison.Differences(recorded.Messages, stored))
                {
                    report.Mismatches++;
                    report.AddProblem(line.Number, difference);
                }
            }

            task.Increment(line.Length);
        }

        task.Value = task.MaxValue;
    }

    private static long SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
