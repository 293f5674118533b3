using Conversations;

namespace Triggers;

/// <summary>The agent, with a rule in place of a model. Like a model, it knows the content of <see cref="ConversationTurn.Prompt"/> and nothing else.</summary>
internal static class CrmAgent
{
    public static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        var known = turn.History.Where(message => message.Role == MessageRole.User).Select(message => $"{message.AuthorName} wrote: {message.Text}").ToList();
        turn.Add(ConversationMessage.Assistant(known.Count == 0 ? "That is the first I hear." : $"I know of {known.Count} more. {known[^1]}"));
        return Task.CompletedTask;
    }
}
