using Conversations;
using Microsoft.Extensions.AI;

namespace ChatWithModel;

/// <summary>A chat with the order desk.</summary>
internal sealed class Chat(IChatClient client, ScopedConversations mine, ConversationMaintenance maintenance, StopKey stopKey, string modelName)
{
    private const string Help = """
          /new               begin another conversation
          /history           everything in this conversation, replaced answers too
          /regenerate        have the last question answered again
          /regenerate MODEL  … by another model of the same provider
          /stop QUESTION     ask, and stop the answer at its first words, as Ctrl-C does whenever you like
          /usage             what it has cost so far
          /help              this
          /quit              leave; everything is kept
        """;

    public async Task RunAsync(ILines lines)
    {
        await GreetAsync();
        while (lines.Next($"{mine.Identity.UserId} > ")?.Trim() is { } line and not "/quit")
        {
            try
            {
                await DoAsync(line);
            }
            catch (ConversationException exception)
            {
                Console.WriteLine($"  {exception.Code}: {exception.Message}");
            }
        }
    }

    private async Task DoAsync(string line)
    {
        switch (line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            case []:
                break;
            case ["/new"]:
                await mine.CreateAsync(OrderDesk.Agent);
                Console.WriteLine("  A new conversation. The one before is kept.");
                break;
            case ["/history"]:
                await ShowHistoryAsync();
                break;
            case ["/regenerate"]:
                await RegenerateAsync(modelName);
                break;
            case ["/regenerate", var other]:
                await RegenerateAsync(other);
                break;
            case ["/stop", var question]:
                await AnswerAsync([new ChatMessage(ChatRole.User, question)], Options(modelName), isStopped: true);
                break;
            case ["/usage"]:
                await ShowUsageAsync();
                break;
            case [['/', ..], ..]:
                Console.WriteLine(Help);
                break;
            default:
                await AnswerAsync([new ChatMessage(ChatRole.User, line)], Options(modelName));
                break;
        }
    }

    // The input goes to the current conversation of the user. Functions and model are set for the request.
    private static ConversationChatOptions Options(string model) => new() { ModelId = model, Tools = OrderDesk.Functions };

    private async Task RegenerateAsync(string model)
    {
        if (await mine.GetCurrentAsync(OrderDesk.Agent) is { MessageCount: > 0 } current)
        {
            var options = Options(model);
            options.RegenerateMessageId = (await mine.GetMessagePageAsync(current.Id, new MessageQuery { NewestFirst = true, PageSize = 1 })).Items[0].Id;
            await AnswerAsync([], options);
        }
        else
        {
            Console.WriteLine("  No messages yet.");
        }
    }

    private async Task AnswerAsync(IEnumerable<ChatMessage> messages, ChatOptions options, bool isStopped = false)
    {
        var answer = stopKey.Begin();
        var screen = new AnswerOnScreen();
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(messages, options, answer.Token))
            {
                screen.Write(update);
                if (isStopped && screen.HasText)
                    await answer.CancelAsync();
            }

            screen.End();
        }
        catch (OperationCanceledException) when (answer.IsCancellationRequested)
        {
            screen.End("stopped; what has come is kept");
        }
        catch (Exception exception) when (exception is not ConversationException)
        {
            screen.End($"{ModelError.Explain(exception)} Your question is kept.");
        }
        finally
        {
            stopKey.End();
        }
    }

    private async Task GreetAsync()
    {
        if (await mine.GetCurrentAsync(OrderDesk.Agent) is { MessageCount: > 0 } current)
            Console.WriteLine($"Welcome back, {mine.Identity.UserId}: we have exchanged {current.MessageCount} messages, the last on {current.LastActivityAt:yyyy-MM-dd HH:mm} UTC.");
        else
            Console.WriteLine($"Welcome, {mine.Identity.UserId}. Ask about order SO-2024-001, -002 or -003; /help lists the commands.");
    }

    private async Task ShowHistoryAsync()
    {
        if (await mine.GetCurrentAsync(OrderDesk.Agent) is not { MessageCount: > 0 } current)
        {
            Console.WriteLine("  No messages yet.");
            return;
        }

        await foreach (var message in mine.GetMessagesAsync(current.Id, new MessageQuery { IncludeSuperseded = true }))
            Screen.Write(message, mine.Identity.UserId!);
    }

    private async Task ShowUsageAsync()
    {
        if (await mine.GetCurrentAsync(OrderDesk.Agent) is { } current)
            Screen.Write("this conversation", (await maintenance.GetUsageAsync(new UsageQuery { ConversationId = current.Id })).Totals);
        Screen.Write("all conversations", (await maintenance.GetUsageAsync()).Totals);
    }
}
