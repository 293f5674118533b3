// A diary with a store of its own. Run it twice: the second run continues where the first one ended.
try
{
    await using var store = new JournalConversationStore(args is [var folder, ..] ? folder : "customstore-data");
    var diary = new ConversationManager(store, new ConversationOptions().AddAgent("diary")).ForIdentity(ConversationIdentity.ForUser("ada"));
    Console.WriteLine(await diary.GetCurrentAsync("diary") is { } before
        ? $"From the run before: {before.MessageCount} messages, the last of {before.LastMessageAt:yyyy-MM-dd HH:mm} UTC."
        : "The diary is empty: this is the first run.");
    foreach (var note in (string[])["Planted the beans.", "It rained at last 🌧"])
        Console.WriteLine($"ada > {note}\ndiary > {(await diary.RunTurnAsync("diary", note, AnswerAsync)).ReplyText}");
    Console.WriteLine("Everything is stored in the file journal.jsonl of the folder.");
}
catch (ConversationException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
    Environment.ExitCode = 1;
}

// Takes the place of a model: it sees the prompt and nothing else.
static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
{
    turn.Add(ConversationMessage.Assistant($"Noted. I see {turn.Prompt.Count(message => message.Role == MessageRole.User)} of your notes."));
    return Task.CompletedTask;
}
