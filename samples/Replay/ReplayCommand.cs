using Conversations;
using Microsoft.Data.Sqlite;
using Spectre.Console;

namespace Replay;

/// <summary>The command: replays each file, reports it, and returns an exit code that shows whether all is as recorded.</summary>
internal static class ReplayCommand
{
    public static async Task<int> RunAsync(FileInfo[] files, FileInfo database, CancellationToken cancellationToken)
    {
        // System.CommandLine makes null of an empty text.
        if (Array.Exists(files, file => file is null))
        {
            await Console.Error.WriteLineAsync("A FILE is empty.");
            return 1;
        }

        if (files.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            await Console.Error.WriteLineAsync($"{twice.Key}: this file name occurs twice. Conversations are distinguished by the file's name and their id.");
            return 1;
        }

        try
        {
            var connection = new SqliteConnectionStringBuilder { DataSource = database.FullName };
            await using var store = new SqliteConversationStore(connection.ConnectionString);
            await using var conversations = new ConversationManager(store, Replayer.Options);

            // Opens the database, so that one that cannot be used is reported first.
            await conversations.ListPageAsync(new ConversationQuery { PageSize = 1 }, cancellationToken: cancellationToken);
            var replay = new FileReplay(conversations, database);
            var isFaithful = true;
            foreach (var file in files)
                isFaithful &= await RunAsync(replay, file, cancellationToken);
            return isFaithful ? 0 : 1;
        }
        catch (ConversationException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
        }
        catch (ArgumentException exception)
        {
            await Console.Error.WriteLineAsync($"That is no path of a database. {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped. Start it again to go on.");
        }

        return 1;
    }

    private static async Task<bool> RunAsync(FileReplay replay, FileInfo file, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            await Console.Error.WriteLineAsync($"{file.Name}: {(Directory.Exists(file.FullName) ? "it is a directory" : "there is no such file")}.");
            return false;
        }

        try
        {
            var report = await Bar().StartAsync(progress => replay.RunAsync(file, progress, cancellationToken));
            foreach (var problem in report.Problems)
                await Console.Error.WriteLineAsync(problem);
            Console.WriteLine(report);
            return report.Problems.Count == 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{file.Name}: it cannot be read ({exception.GetType().Name}).");
            return false;
        }
    }

    // On standard error, so that standard output holds the reports alone. Where that is no terminal, Spectre writes plain lines.
    private static Progress Bar()
    {
        var settings = new AnsiConsoleSettings
        {
            Ansi = Console.IsErrorRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Out = new AnsiConsoleOutput(Console.Error),
        };
        return AnsiConsole.Create(settings).Progress().AutoClear(true);
    }
}
