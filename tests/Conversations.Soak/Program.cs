using Conversations.Soak.Schedules;
using Conversations.Soak.Cancellations;
var tally = args[2] == "c" ? await CancellationRuns.RunAsync(int.Parse(args[0], null), int.Parse(args[1], null), Console.Out) : await ScheduleRuns.RunAsync(int.Parse(args[0], null), int.Parse(args[1], null), Console.Out);
tally.Print();
