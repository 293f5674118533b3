using Conversations;

namespace QuickStart;

/// <summary>Shows what the library does, step by step, without anyone at the keyboard.</summary>
internal sealed class Scripted(ConversationManager conversations)
{
    private readonly ScopedConversations _ada = conversations.ForIdentity(ConversationIdentity.ForUser("ada", "acme"));
    private readonly ScopedConversations _ben = conversations.ForIdentity(ConversationIdentity.ForUser("ben", "acme"));
    private readonly ScopedConversations _eve = conversations.ForIdentity(ConversationIdentity.ForUser("eve", "globex"));

    public async Task RunAsync()
    {
        if (await Screen.GreetAsync(_ada))
        {
            Step("From the run before: no order is named, and the answer is there");
            await AskAsync(_ada, OrderDesk.Personal, "When will it ship?");
        }

        Step("A question that needs a tool");
        await AskAsync(_ada, OrderDesk.Personal, "What's the status of order SO-2024-001?");

        Step("Questions that need a memory");
        await AskAsync(_ada, OrderDesk.Personal, "When will it ship?");
        await AskAsync(_ada, OrderDesk.Personal, "What did I ask before?");

        Step("Another user sees nothing of it");
        await AskAsync(_ben, OrderDesk.Personal, "When will it ship?");
        await TryReadAsync(_ben, await _ada.GetCurrentAsync(OrderDesk.Personal));

        Step("A shared agent: two colleagues, one conversation; another company has its own");
        await AskAsync(_ada, OrderDesk.Team, "What's the status of order SO-2024-002?");
        await AskAsync(_ben, OrderDesk.Team, "When will it ship?");
        await AskAsync(_eve, OrderDesk.Team, "When will it ship?");

        Step("A stateless agent: nothing is stored, so nothing is remembered");
        await AskAsync(_ada, OrderDesk.Anonymous, "What's the status of order SO-2024-003?");
        await AskAsync(_ada, OrderDesk.Anonymous, "When will it ship?");

        Step("What ada has now");
        await foreach (var conversation in _ada.ListAsync())
            Console.WriteLine($"  {conversation.SessionId}  \"{conversation.Title}\"  {Screen.Count(conversation.MessageCount, "message")}");
    }

    private static void Step(string title) => Console.WriteLine($"{Environment.NewLine}{title}.");

    private static async Task AskAsync(ScopedConversations mine, string agent, string question)
    {
        Screen.Write(ConversationMessage.User(question), mine.Identity.UserId!);
        var result = await mine.RunTurnAsync(agent, question, OrderDesk.AnswerAsync);
        foreach (var message in result.Messages)
            Screen.Write(message, mine.Identity.UserId!);
        if (result.ConversationId is null)
            Console.WriteLine("    (not stored)");
    }

    // An id is not a permission: the conversation of another user is not found.
    private static async Task TryReadAsync(ScopedConversations mine, Conversation? foreign)
    {
        try
        {
            await mine.GetMessagesAsync(foreign!.Id).ToListAsync();
        }
        catch (ConversationException exception)
        {
            Screen.Write(exception);
        }
    }
}
