using System.CommandLine;
using Conversations.Soak;

// Fault tests: kills, schedules, cancellations, and faults of disks, clocks and processes. With "child" as its first argument, the program is one of its own child processes.
if (args is ["child", .. var rest])
    return await Children.RunAsync(rest);

var seed = new Option<int?>("--seed") { Description = "Says what happens; drawn if it is not given, and printed." };
var kills = Count("--kills", 100, "How many processes are killed.");
var schedules = Count("--schedules", 1_000, "How many seeded schedules run on each store.");
var cancellations = Count("--cancellations", 10_000, "How many tokens are cancelled.");
var turns = Count("--turns", 1_000, "How many turns each of two processes has on one conversation; 0 leaves out all faults.");
var steady = Count("--steady", 0, "How many turns run over 1,000 conversations with overlapping readers, such as 300000; memory, handles and the log must stay flat.");
var scheduleSeed = new Option<int?>("--schedule-seed") { Description = "Runs the one schedule with this seed, and shows its steps." };
var command = new RootCommand("Runs faults against the stores and compares their content with what must be stored. A part with the value 0 is left out.")
{
    seed, kills, schedules, cancellations, turns, steady, scheduleSeed,
};
command.SetAction(arguments => SoakRun.RunAsync(
    new SoakOptions(
        arguments.GetValue(seed) ?? Random.Shared.Next(),
        arguments.GetValue(kills),
        arguments.GetValue(schedules),
        arguments.GetValue(cancellations),
        arguments.GetValue(turns),
        arguments.GetValue(steady),
        arguments.GetValue(scheduleSeed)),
    Console.Out));
return await command.Parse(args).InvokeAsync();

static Option<int> Count(string name, int count, string description) => new(name) { DefaultValueFactory = _ => count, Description = description };
