namespace Replay;

/// <summary>A conversation as it was recorded.</summary>
internal sealed record RecordedConversation(string Id, IReadOnlyList<RecordedMessage> Messages)
{
    /// <summary>What came before the first user message.</summary>
    public IEnumerable<RecordedMessage> Opening => Messages.TakeWhile(message => !message.IsUser);

    /// <summary>The turns: a user message, and what came after it up to the next one, which may be nothing.</summary>
    public IEnumerable<RecordedTurn> Turns
    {
        get
        {
            RecordedMessage? user = null;
            var replies = new List<RecordedMessage>();
            foreach (var message in Messages.SkipWhile(message => !message.IsUser))
            {
                if (!message.IsUser)
                {
                    replies.Add(message);
                    continue;
                }

                if (user is not null)
                    yield return new RecordedTurn(user, replies);
                user = message;
                replies = [];
            }

            if (user is not null)
                yield return new RecordedTurn(user, replies);
        }
    }
}

/// <summary>A user message and the messages of the agent and its tools after it.</summary>
internal sealed record RecordedTurn(RecordedMessage User, IReadOnlyList<RecordedMessage> Replies);
