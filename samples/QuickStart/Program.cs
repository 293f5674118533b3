using Conversations;
using Microsoft.Extensions.DependencyInjection;
using QuickStart;

// An order desk that remembers. Run it twice: the second run remembers the first.
var path = args switch
{
    [] => "quickstart.db",
    ["--database", var file] => file,
    [['-', ..]] or [""] => null,
    [var file] => file,
    _ => null,
};
if (path is null)
{
    await Console.Error.WriteLineAsync("Usage: QuickStart [--database] [PATH]");
    return 2;
}

try
{
    var services = new ServiceCollection();
    services
        .AddConversations(options => options
            .AddAgent(OrderDesk.Personal)
            .AddAgent(OrderDesk.Team, agent => agent.Mode = PersistenceMode.Shared)
            .AddAgent(OrderDesk.Anonymous, agent => agent.Mode = PersistenceMode.Stateless))
        .UseSqlite($"Data Source={path}");

    await using var provider = services.BuildServiceProvider();
    var conversations = provider.GetRequiredService<ConversationManager>();
    Console.WriteLine($"An order desk that remembers, in {path}.");
    if (Console.IsInputRedirected || Console.IsOutputRedirected)
        await new Scripted(conversations).RunAsync();
    else
        await new Interactive(conversations).RunAsync();
    return 0;
}
catch (ConversationException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
    return 1;
}
catch (ArgumentException exception)
{
    await Console.Error.WriteLineAsync($"That is no path of a database. {exception.Message}");
    return 2;
}
