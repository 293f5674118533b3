using System.Globalization;
using Conversations;

// A separate process, for the tests that race, kill and outlive one. It prints "ready", waits for a line, does what its arguments request,
// and prints one line for each outcome.
//   turns DATABASE COUNT wait|reject   that many first messages of one user at once
//   hang DATABASE KEY                  begins a turn and never ends it
//   crash DATABASE KEY COUNT           answers COUNT requests, KEY-1, KEY-2 …, one after another, and prints each when it is committed
var store = new SqliteConversationStore($"Data Source={args[1]}");
await using (store.ConfigureAwait(false))
{
    var manager = new ConversationManager(store, new ConversationOptions().AddAgent("bot"));
    var alice = manager.ForIdentity(ConversationIdentity.ForUser("alice"));
    Console.WriteLine("ready");
    Console.ReadLine();
    switch (args[0])
    {
        case "turns":
            var policy = args[3] == "wait" ? BusyPolicy.Wait(TimeSpan.FromMinutes(1)) : BusyPolicy.Reject;
            await Task.WhenAll(Enumerable.Range(0, int.Parse(args[2], CultureInfo.InvariantCulture)).Select(i => Task.Run(() => TurnAsync(new TurnRequest("bot", $"{Environment.ProcessId} {i}") { OnBusy = policy }))));
            break;
        case "hang":
            var turn = await alice.BeginTurnAsync(new TurnRequest("bot", "hello") { IdempotencyKey = args[2] });
            Console.WriteLine(turn.RunId);
            Console.ReadLine();
            break;
        case "crash":
            for (var i = 1; i <= int.Parse(args[3], CultureInfo.InvariantCulture); i++)
                await TurnAsync(new TurnRequest("bot", $"question {i}") { IdempotencyKey = $"{args[2]}-{i}" });
            break;
        default:
            return 2;
    }

    return 0;

    async Task TurnAsync(TurnRequest request)
    {
        try
        {
            var result = await alice.RunTurnAsync(request, async (turn, cancellationToken) =>
            {
                // In a race that rejects, no turn may end before all requests were sent.
                if (args[0] == "turns" && args[3] == "reject")
                    await Console.In.ReadLineAsync(cancellationToken);
                turn.Add(ConversationMessage.Assistant($"answer to {turn.Input[0].Text}"));
            });
            Console.WriteLine($"{result.ConversationId} {result.ReplyMessageId}");
        }
        catch (ConversationException exception)
        {
            Console.WriteLine(exception.Code);
        }
    }
}
