using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Everything that the library logs. Ids at Debug; content never.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Agent '{Agent}' remembers each user, but a request came without identity: it runs stateless. Call through ForIdentity, or set RequireIdentity to make this an error. Logged once for each agent.")]
    public static partial void RunsStateless(ILogger logger, string agent);

    [LoggerMessage(2, LogLevel.Warning, "The lease of run '{RunId}' could not be renewed.")]
    public static partial void RenewalFailed(ILogger logger, string runId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The end of run '{RunId}' could not be recorded; it will be marked interrupted when its lease has expired.")]
    public static partial void EndNotRecorded(ILogger logger, string runId, Exception exception);

    [LoggerMessage(4, LogLevel.Debug, "Run '{RunId}' began.")]
    public static partial void RunBegan(ILogger logger, string runId);

    [LoggerMessage(5, LogLevel.Debug, "Run '{RunId}' ended: {Status}.")]
    public static partial void RunEnded(ILogger logger, string runId, string status);

    [LoggerMessage(6, LogLevel.Debug, "A summary of conversation '{ConversationId}' up to position {Through} was made; saved: {Saved}.")]
    public static partial void SummaryEnded(ILogger logger, string conversationId, long through, bool saved);

    [LoggerMessage(7, LogLevel.Warning, "The summarizer gave a blank summary of conversation '{ConversationId}'; it is refused.")]
    public static partial void SummaryRefused(ILogger logger, string conversationId);

    [LoggerMessage(8, LogLevel.Warning, "Conversation '{ConversationId}' could not be summarised: {Error}. A later turn tries again.")]
    public static partial void SummaryFailed(ILogger logger, string conversationId, string error);

    [LoggerMessage(9, LogLevel.Warning, "The summary of conversation '{ConversationId}' costs {Tokens} tokens, more than half of the limit of {Limit}; it is refused.")]
    public static partial void SummaryTooLarge(ILogger logger, string conversationId, int tokens, int limit);

    [LoggerMessage(10, LogLevel.Debug, "Run '{RunId}' lost its lease.")]
    public static partial void LeaseLost(ILogger logger, string runId);

    [LoggerMessage(11, LogLevel.Warning, "Code that was registered with LeaseLost of run '{RunId}' threw {Error}.")]
    public static partial void LeaseLostCallbackFailed(ILogger logger, string runId, string error);

    [LoggerMessage(12, LogLevel.Warning, "Run '{RunId}' has been open for {MaxTurnDuration}, which is the longest a turn may take: its lease is no longer renewed.")]
    public static partial void OpenTooLong(ILogger logger, string runId, TimeSpan maxTurnDuration);

    [LoggerMessage(13, LogLevel.Warning, "What run '{RunId}' streams could not be saved; it is tried again.")]
    public static partial void SegmentsNotSaved(ILogger logger, string runId, Exception exception);
}
