using ChatWithModel;
using Conversations;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

// An order desk whose answers a model writes. Run it twice: the second run continues where the first one stopped.
const string Database = "chatwithmodel.db";
var (path, modelName) = args switch
{
    [] => (Database, null),
    ["--model", [not '-', ..] name] => (Database, name),
    ["--database", [not '-', ..] file] => (file, null),
    ["--database", [not '-', ..] file, "--model", [not '-', ..] name] => (file, name),
    _ => ((string?)null, (string?)null),
};
if (path is null)
{
    await Console.Error.WriteLineAsync("Usage: ChatWithModel [--database PATH] [--model NAME]");
    return 2;
}

try
{
    var model = Model.FromEnvironment(modelName);
    var services = new ServiceCollection();
    services
        .AddConversations(options =>
        {
            options.AddAgent(OrderDesk.Agent, agent => (agent.SystemPrompt, agent.HistoryLimit) = (OrderDesk.SystemPrompt, 40));
            Prices.AddTo(options);
        })
        .UseSqlite($"Data Source={path}");
    await using var provider = services.BuildServiceProvider();
    var mine = provider.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ada", "acme"));

    // Conversations around the client that calls functions: so a turn holds all calls and results.
    // The model gets the messages of exceptions and can react to them. They must contain no more than your users may know.
    using var client = model.Client.AsBuilder()
        .UseConversations(OrderDesk.Agent, _ => mine.Identity)
        .UseFunctionInvocation(configure: functions => (functions.MaximumIterationsPerRequest, functions.IncludeDetailedErrors) = (10, true))
        .Build(provider);

    Console.WriteLine($"An order desk that remembers, in {path}. {model.Description}");
    using var stopKey = new StopKey();
    var chat = new Chat(client, mine, provider.GetRequiredService<ConversationMaintenance>(), stopKey, model.Name);
    await chat.RunAsync(Console.IsInputRedirected ? new PipedLines(Console.In) : new TypedLines());
    return 0;
}
catch (ConversationException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
    return 1;
}
catch (Exception exception) when (exception is ArgumentException or UriFormatException)
{
    await Console.Error.WriteLineAsync($"That is no path of a database, or no address of a model. {exception.Message}");
    return 2;
}
