using Conversations;
using Microsoft.Extensions.DependencyInjection;
using Triggers;

// A CRM whose triggers call agents. Run it twice: the second run continues the threads of the first.
var path = args is [var file, ..] ? file : "triggers.db";
try
{
    var services = new ServiceCollection();
    services
        .AddConversations(options => options
            .AddAgent("company-agent")
            .AddAgent("owner-agent")
            .AddAgent("tenant-agent", agent => agent.Mode = PersistenceMode.Shared))
        .UseSqlite($"Data Source={path}");

    await using var provider = services.BuildServiceProvider();
    await new Story(provider.GetRequiredService<ConversationManager>()).RunAsync();
    Console.WriteLine($"{Environment.NewLine}All of it is in {path}. Run it again, and the nights go on where they stopped.");
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
