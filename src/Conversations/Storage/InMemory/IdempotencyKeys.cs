namespace Conversations.Storage;

/// <summary>The idempotency keys of one scope, each with the run that has it (rule 6.1). Used under the scope's gate.</summary>
internal sealed class IdempotencyKeys
{
    private readonly Dictionary<(string Caller, string Key), KeyedRun> _runs = [];

    public KeyedRun? Find(BeginTurnCommand command) =>
        command.IdempotencyKey is { } key ? _runs.GetValueOrDefault((command.Caller, key)) : null;

    /// <summary>Gives the command's key, if it has one, to a run.</summary>
    public void Give(BeginTurnCommand command, ConversationEntry conversation, long number)
    {
        if (command.IdempotencyKey is { } key)
            _runs[(command.Caller, key)] = new KeyedRun(conversation, number, command.Fingerprint);
    }

    /// <summary>Frees the keys of runs that are going (rule 6.8).</summary>
    public void Free(IEnumerable<ConversationRun> runs)
    {
        foreach (var run in runs)
        {
            if (run.IdempotencyKey is { } key)
                _runs.Remove((run.Caller ?? "", key));
        }
    }
}

/// <summary>The run that has an idempotency key.</summary>
/// <param name="Conversation">Its conversation.</param>
/// <param name="Number">Its number.</param>
/// <param name="Fingerprint">The digest of the request.</param>
internal sealed record KeyedRun(ConversationEntry Conversation, long Number, string? Fingerprint)
{
    public ConversationRun Run => Conversation.FindRun(Number)!;
}
