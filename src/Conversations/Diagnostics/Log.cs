using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Everything that the library logs. Ids at Debug; content never. An event's id and name do not change.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Agent '{Agent}' remembers each user, but a request came without identity: it runs stateless. Call through ForIdentity, or set RequireIdentity to make this an error. Logged once for each agent.", EventName = "RunsStateless")]
    public static partial void RunsStateless(ILogger logger, string agent);

    [LoggerMessage(2, LogLevel.Warning, "The lease of run '{RunId}' could not be renewed.", EventName = "RenewalFailed")]
    public static partial void RenewalFailed(ILogger logger, string runId, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The end of run '{RunId}' could not be recorded; it will be marked interrupted when its lease has expired.", EventName = "EndNotRecorded")]
    public static partial void EndNotRecorded(ILogger logger, string runId, Exception exception);

    [LoggerMessage(4, LogLevel.Debug, "Run '{RunId}' began.", EventName = "RunBegan")]
    public static partial void RunBegan(ILogger logger, string runId);

    [LoggerMessage(5, LogLevel.Debug, "Run '{RunId}' ended: {Status}.", EventName = "RunEnded")]
    public static partial void RunEnded(ILogger logger, string runId, string status);

    [LoggerMessage(6, LogLevel.Debug, "A summary of conversation '{ConversationId}' up to position {Through} was made; saved: {Saved}.", EventName = "SummaryEnded")]
    public static partial void SummaryEnded(ILogger logger, string conversationId, long through, bool saved);

    [LoggerMessage(7, LogLevel.Warning, "The summarizer gave a blank summary of conversation '{ConversationId}'; it is refused.", EventName = "SummaryRefused")]
    public static partial void SummaryRefused(ILogger logger, string conversationId);

    [LoggerMessage(8, LogLevel.Warning, "Conversation '{ConversationId}' could not be summarised: {Error}. A later turn tries again.", EventName = "SummaryFailed")]
    public static partial void SummaryFailed(ILogger logger, string conversationId, string error);

    [LoggerMessage(9, LogLevel.Warning, "The summary of conversation '{ConversationId}' costs {Tokens} tokens, more than half of the limit of {Limit}; it is refused.", EventName = "SummaryTooLarge")]
    public static partial void SummaryTooLarge(ILogger logger, string conversationId, int tokens, int limit);

    [LoggerMessage(10, LogLevel.Debug, "Run '{RunId}' lost its lease.", EventName = "LeaseLost")]
    public static partial void LeaseLost(ILogger logger, string runId);

    [LoggerMessage(11, LogLevel.Warning, "Code that was registered with LeaseLost of run '{RunId}' threw {Error}.", EventName = "LeaseLostCallbackFailed")]
    public static partial void LeaseLostCallbackFailed(ILogger logger, string runId, string error);

    [LoggerMessage(12, LogLevel.Warning, "Run '{RunId}' has been open for {MaxTurnDuration}, which is the longest a turn may take: its lease is no longer renewed.", EventName = "OpenTooLong")]
    public static partial void OpenTooLong(ILogger logger, string runId, TimeSpan maxTurnDuration);

    [LoggerMessage(13, LogLevel.Warning, "What run '{RunId}' streams could not be saved; it is tried again.", EventName = "SegmentsNotSaved")]
    public static partial void SegmentsNotSaved(ILogger logger, string runId, Exception exception);

    [LoggerMessage(14, LogLevel.Debug, "The wait for conversation '{ConversationId}' is over after {Waited}, without a turn: {Reason}.", EventName = "WaitRefused")]
    public static partial void WaitRefused(ILogger logger, string conversationId, TimeSpan waited, string reason);

    [LoggerMessage(15, LogLevel.Debug, "Run '{RunId}' takes up the input at position {Position} that an earlier run of its request has left, which failed or was interrupted.", EventName = "RunBeganAgain")]
    public static partial void RunBeganAgain(ILogger logger, string runId, long position);

    [LoggerMessage(16, LogLevel.Debug, "Run '{RunId}' failed: {Error}.", EventName = "RunFailed")]
    public static partial void RunFailed(ILogger logger, string runId, string error);

    [LoggerMessage(17, LogLevel.Debug, "The request was answered before, by run '{RunId}'; that answer is returned.", EventName = "RunReplayed")]
    public static partial void RunReplayed(ILogger logger, string runId);

    [LoggerMessage(18, LogLevel.Warning, "Run '{RunId}', which somebody follows, is not heard of since its lease expired, as if its process had died; it is marked interrupted.", EventName = "RunInterrupted")]
    public static partial void RunInterrupted(ILogger logger, string runId);

    [LoggerMessage(19, LogLevel.Warning, "Code that listens to the library's spans or measurements threw {Error}. What it was told may be missing there; turns go on. Logged once.", EventName = "ListenerFailed")]
    public static partial void ListenerFailed(ILogger logger, string error);
}
