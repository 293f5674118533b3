using System.Diagnostics;
using Conversations;

namespace Streaming;

/// <summary>The process that follows a reply which another one writes, and outlives it.</summary>
internal sealed class Reader(ScopedConversations mine, string path)
{
    private const int Enough = 60;

    public async Task RunAsync()
    {
        var runId = await FollowAndKillAsync();
        var run = await mine.GetRunAsync(runId);
        var messages = await mine.GetMessagesAsync(run!.ConversationId).ToListAsync();
        var kept = messages[^1];
        Console.WriteLine($"{Environment.NewLine}Kept as {kept.Id}{(kept.IsPartial ? ", partial" : "")}: {kept.Text}");

        Console.WriteLine($"{Environment.NewLine}Once more, to the end:");
        var whole = await mine.RegenerateAsync(kept.Id!, static async (turn, cancellationToken) =>
        {
            await foreach (var piece in turn.StreamAsync(Poet.WriteAsync(cancellationToken), cancellationToken))
                Console.Write(piece);
        });

        Console.WriteLine($"{Environment.NewLine}{Environment.NewLine}What is stored now:");
        await foreach (var message in mine.GetMessagesAsync(whole.ConversationId!, new MessageQuery { IncludeSuperseded = true }))
            Console.WriteLine($"{message.Position,3}  {message.Role,-9}  {message.Text.Length,3} characters{(message.IsPartial ? ", partial" : "")}{(message.IsSuperseded ? ", superseded" : "")}");
    }

    private async Task<string> FollowAndKillAsync()
    {
        using var writer = StartWriter();
        var runId = await writer.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The writer printed no run id.");
        Console.WriteLine($"Process {writer.Id} writes, process {Environment.ProcessId} follows:");

        await foreach (var update in mine.FollowAsync(runId))
        {
            Console.Write(update.Text);
            if (update.NextOffset >= Enough && !writer.HasExited)
            {
                writer.Kill();
                await writer.WaitForExitAsync();
                Console.Write("[killed]");
            }

            if (update.EndedAs is { } ended)
                Console.WriteLine($"{Environment.NewLine}The run has ended: {ended}, after {update.Offset} characters.");
        }

        return runId;
    }

    private Process StartWriter()
    {
        // Started by an app host it is that, started by dotnet it is the library beside it.
        var host = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(host) is "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "Streaming.dll")] : [];
        var start = new ProcessStartInfo(host, [.. self, "write", path]) { UseShellExecute = false, RedirectStandardOutput = true };
        return Process.Start(start) ?? throw new InvalidOperationException("The writer did not start.");
    }
}
