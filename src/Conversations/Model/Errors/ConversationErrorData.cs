namespace Conversations;

/// <summary>The keys of <see cref="Exception.Data"/> under which an exception names the turn that it left. Every exception that <c>RunTurnAsync</c> or <c>RegenerateAsync</c> throws after the turn has begun has them, also an exception of the agent or of its model. The values are texts and never contain content.</summary>
public static class ConversationErrorData
{
    /// <summary>The key of the id of the run.</summary>
    public const string RunId = "Conversations.RunId";

    /// <summary>The key of the id of the first input message. The value is <see langword="null"/> if a retry found that message deleted.</summary>
    public const string InputMessageId = "Conversations.InputMessageId";

    /// <summary>Names the turn that an exception leaves. A turn within which it was a turn of another conversation replaces the names of that one, because its caller knows the outer turn.</summary>
    internal static void Name(Exception exception, string? runId, string? inputMessageId)
    {
        // A turn that is not stored has no ids. The runtime has a few exceptions that are shared and cannot be written to.
        if (runId is null || exception.Data is not { IsReadOnly: false } data)
            return;

        data[RunId] = runId;
        data[InputMessageId] = inputMessageId;
    }
}
