using Conversations;
using Microsoft.Extensions.DependencyInjection;
using Streaming;

// A reply streams in one process and is followed from another. The first is killed; the second shows what was kept, and the reply is written again.
// Started without a role it plays both: it starts itself as the writer.
var (role, path) = args switch
{
    ["write", var file] => ("write", file),
    [var file] => ("read", file),
    _ => ("read", "streaming.db"),
};
try
{
    var services = new ServiceCollection();
    services
        .AddConversations(options => options.AddAgent("poet", agent => agent.LeaseDuration = TimeSpan.FromSeconds(1)))   // how long a dead writer is waited for
        .UseSqlite($"Data Source={path}");

    await using var provider = services.BuildServiceProvider();
    var mine = provider.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ada"));
    if (role is "write")
        await Writer.RunAsync(mine);
    else
        await new Reader(mine, path).RunAsync();
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
