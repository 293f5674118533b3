using System.CommandLine;
using Replay;

var files = new Argument<FileInfo[]>("FILE")
{
    Description = "JSON Lines, a conversation a line: {\"id\", \"messages\": [{\"role\", \"content\", \"tool_calls\", \"tool_call_id\", \"name\"}]}.",
    Arity = ArgumentArity.OneOrMore,
};
var database = new Option<FileInfo>("--database")
{
    Description = "The SQLite file; made if it is not there. Started again on it, a replay goes on where it stopped.",
    HelpName = "PATH",
    Required = true,
};
var command = new RootCommand("Replays recorded conversations turn by turn into a SQLite file, reads everything back and compares it to the letter.")
{
    files,
    database,
};
command.SetAction((arguments, cancellationToken) =>
    ReplayCommand.RunAsync(arguments.GetRequiredValue(files), arguments.GetRequiredValue(database), cancellationToken));
return await command.Parse(args).InvokeAsync();
