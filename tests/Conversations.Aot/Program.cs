using System.ComponentModel;
using System.Diagnostics;
using Conversations;
using Conversations.Aot;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

// A turn of a chat client with a function, over SQLite, in a process that is compiled ahead of time. The time is that from the start of the process.
var file = args.Length > 0 ? args[0] : "aot.db";
var services = new ServiceCollection();
services.AddConversations(options => options.AddAgent("bot")).UseSqlite($"Data Source={file}");
await using var provider = services.BuildServiceProvider();
var mine = provider.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ann"));
using var client = new Model().AsBuilder()
    .UseConversations("bot", _ => ConversationIdentity.ForUser("ann"))
    .UseFunctionInvocation()
    .Build(provider);

var response = await client.GetResponseAsync("Does it rain in Rome?", new ChatOptions { Tools = [AIFunctionFactory.Create(Weather, "weather")] });
var elapsed = TimeProvider.System.GetUtcNow().UtcDateTime - Process.GetCurrentProcess().StartTime.ToUniversalTime();

var conversation = await mine.GetCurrentAsync("bot") ?? throw new InvalidOperationException("Nothing was stored.");
var stored = await mine.GetMessagesAsync(conversation.Id).ToListAsync();
if (response.Text != "It is sunny." || stored.Count != 4)
    throw new InvalidOperationException($"The turn has {stored.Count} messages, and another answer than expected.");

var json = System.Text.Json.JsonSerializer.Serialize(stored[^1], ConversationsJsonContext.Default.StoredMessage);
if (!json.Contains("It is sunny.", StringComparison.Ordinal))
    throw new InvalidOperationException("The message is not whole as JSON.");

Console.WriteLine(FormattableString.Invariant($"first turn {elapsed.TotalMilliseconds:F0} ms"));

[Description("The weather of a city.")]
static string Weather(string city) => city.Length > 0 ? "sunny" : "unknown";
