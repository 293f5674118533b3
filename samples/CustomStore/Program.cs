// A diary that remembers, on a store of our own. Run it twice: the second run knows what the first one said.
var folder = args is [var first, ..] ? first : "customstore-data";
try
{
    await using var store = new JournalConversationStore(folder);
    var diary = new ConversationManager(store, new ConversationOptions().AddAgent("diary")).ForIdentity(ConversationIdentity.ForUser("ada"));
    Console.WriteLine(await diary.GetCurrentAsync("diary") is { } before
        ? $"From the run before: {before.MessageCount} messages, the last of {before.LastMessageAt:yyyy-MM-dd HH:mm} UTC."
        : "Nothing is remembered: this is the first run.");
    foreach (var note in (string[])["Planted the beans.", "It rained at last 🌧"])
        Console.WriteLine($"ada > {note}\ndiary > {(await diary.RunTurnAsync("diary", note, AnswerAsync)).ReplyText}");
    Console.WriteLine($"All of it stands in {Path.Combine(folder, "journal.jsonl")}.");
}
catch (ConversationException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
    Environment.ExitCode = 1;
}

// In place of a model: it knows what stands in the prompt and nothing else.
static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
{
    turn.Add(ConversationMessage.Assistant($"Noted. I see {turn.Prompt.Count(message => message.Role == MessageRole.User)} of your notes."));
    return Task.CompletedTask;
}
