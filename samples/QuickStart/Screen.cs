using Conversations;

namespace QuickStart;

/// <summary>Writes conversations to the console.</summary>
internal static class Screen
{
    /// <summary>Greets a user with what is remembered, read from the store.</summary>
    /// <returns>Whether anything is.</returns>
    public static async Task<bool> GreetAsync(ScopedConversations mine)
    {
        var conversations = await mine.ListAsync(new ConversationQuery { Agent = OrderDesk.Personal }).ToListAsync();
        if (conversations is not [var latest, ..])
        {
            Console.WriteLine($"Welcome, {mine.Identity.UserId}: we have not met before.");
            return false;
        }

        Order? order = null;
        foreach (var conversation in conversations)
            order ??= OrderDesk.LastOrder(await mine.GetMessagesAsync(conversation.Id).ToListAsync());
        var subject = order is null ? "we last spoke" : $"we last spoke about order {order.Id} ({order.Item}),";
        Console.WriteLine($"Welcome back, {mine.Identity.UserId}: {Count(conversations.Count, "conversation")}, {subject} on {latest.LastActivityAt:yyyy-MM-dd HH:mm} UTC.");
        return true;
    }

    /// <summary>Writes a message of any kind, part by part.</summary>
    public static void Write(ConversationMessage message, string user)
    {
        foreach (var part in message.Parts)
        {
            Console.WriteLine(part switch
            {
                TextPart text when message.Role == MessageRole.User => $"  {user} > {text.Text}",
                TextPart text => $"  desk > {text.Text}",
                ToolCallPart call => $"    tool call   {call.CallId}: {call.Name}({call.Arguments})",
                ToolResultPart result => $"    tool {(result.IsError ? "error " : "result")} {result.CallId}: {result.Content}",
                ErrorPart error => $"    error       {error.Code}: {error.Message}",
                _ => $"    {message.Role} {message.Kind}",
            });
        }
    }

    /// <summary>Writes an error of the library: its code is for programs, its message for people.</summary>
    public static void Write(ConversationException exception) => Console.WriteLine($"  {exception.Code}: {exception.Message}");

    /// <summary>"1 message", "2 messages".</summary>
    public static string Count(long count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
