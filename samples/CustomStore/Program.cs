using Conversations;
using CustomStore;

// A diary that remembers, on a store of our own. Run it twice: the second run knows what the first one said.
var folder = args is [var first, ..] ? first : "customstore-data";
try
{
    await using var store = new JournalConversationStore(folder);
    var diary = new ConversationManager(store, new ConversationOptions().AddAgent("diary")).ForIdentity(ConversationIdentity.ForUser("ada"));

    if (await diary.GetCurrentAsync("diary") is { } before)
    {
        Console.WriteLine($"From the run before: {before.MessageCount} messages, the last of {before.LastMessageAt:yyyy-MM-dd HH:mm} UTC. The newest:");
        await foreach (var message in diary.GetMessagesAsync(before.Id, new MessageQuery { NewestFirst = true }).Take(2))
            Console.WriteLine($"  {message.Position} {message.Role}: {message.Text}");
    }
    else
    {
        Console.WriteLine("Nothing is remembered: this is the first run.");
    }

    foreach (var note in (string[])["Planted the beans.", "It rained at last 🌧"])
    {
        var result = await diary.RunTurnAsync("diary", note, AnswerAsync);
        Console.WriteLine($"ada > {note}");
        Console.WriteLine($"diary > {result.ReplyText}");
    }
}
catch (ConversationException exception)
{
    await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
    return 1;
}

foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
{
    var lines = await File.ReadAllLinesAsync(file.FullName);
    Console.WriteLine($"{file.Name}: {file.Length} bytes, {lines.Length} lines, the last:");
    Console.WriteLine(lines[^1]);
}

return 0;

// In place of a model: it knows what stands in the prompt and nothing else.
static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
{
    var notes = turn.Prompt.Count(message => message.Role == MessageRole.User);
    turn.Add(ConversationMessage.Assistant($"Noted. I see {notes} of your notes."));
    return Task.CompletedTask;
}
