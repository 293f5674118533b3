using Conversations.Soak;
using Conversations.Soak.Schedules;
using Conversations.Soak.Cancellations;
using Conversations.Soak.Kills;
using Conversations.Soak.Faults;
if (args[0] == "child") return await Children.RunAsync(args[1..]);
var tally = args[2] == "f" ? await FaultRuns.RunAsync(int.Parse(args[1], null), Console.Out) : args[2] == "k" ? await KillRuns.RunAsync(int.Parse(args[0], null), int.Parse(args[1], null), Console.Out) : args[2] == "c" ? await CancellationRuns.RunAsync(int.Parse(args[0], null), int.Parse(args[1], null), Console.Out) : await ScheduleRuns.RunAsync(int.Parse(args[0], null), int.Parse(args[1], null), Console.Out);
tally.Print();
return 0;
