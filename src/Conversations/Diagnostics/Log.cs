using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>The log messages of the library. Ids are logged at Debug; content is never logged. Event ids and names do not change.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The turn is not stored: agent '{Agent}' is per user, and the turn was called on ConversationManager, which has no identity. Call it on the view that ForIdentity(...) returns, or set ConversationId or Thread on the request. RequireIdentity makes this an error. Logged once for each agent.", EventName = "RunsStateless")]
    public static partial void RunsStateless(ILogger logger, string agent);

    [LoggerMessage(2, LogLevel.Warning, "The lease of run '{RunId}' could not be renewed: {Error}.", EventName = "RenewalFailed")]
    public static partial void RenewalFailed(ILogger logger, string runId, string error);

    [LoggerMessage(3, LogLevel.Warning, "The end of run '{RunId}' could not be recorded: {Error}. The run will be marked interrupted after its lease expires.", EventName = "EndNotRecorded")]
    public static partial void EndNotRecorded(ILogger logger, string runId, string error);

    [LoggerMessage(4, LogLevel.Debug, "Run '{RunId}' began.", EventName = "RunBegan")]
    public static partial void RunBegan(ILogger logger, string runId);

    [LoggerMessage(5, LogLevel.Debug, "Run '{RunId}' ended: {Status}.", EventName = "RunEnded")]
    public static partial void RunEnded(ILogger logger, string runId, string status);

    [LoggerMessage(6, LogLevel.Debug, "A summary of conversation '{ConversationId}' up to position {Through} was created; saved: {Saved}.", EventName = "SummaryEnded")]
    public static partial void SummaryEnded(ILogger logger, string conversationId, long through, bool saved);

    [LoggerMessage(7, LogLevel.Warning, "The summarizer returned a blank summary of conversation '{ConversationId}'. The summary was rejected.", EventName = "SummaryRefused")]
    public static partial void SummaryRefused(ILogger logger, string conversationId);

    [LoggerMessage(8, LogLevel.Warning, "Conversation '{ConversationId}' could not be summarized: {Error}. A later turn tries again.", EventName = "SummaryFailed")]
    public static partial void SummaryFailed(ILogger logger, string conversationId, string error);

    [LoggerMessage(9, LogLevel.Warning, "The summary of conversation '{ConversationId}' costs {Tokens} tokens, more than half of the limit of {Limit}. The summary was rejected.", EventName = "SummaryTooLarge")]
    public static partial void SummaryTooLarge(ILogger logger, string conversationId, int tokens, int limit);

    [LoggerMessage(10, LogLevel.Debug, "Run '{RunId}' lost its lease.", EventName = "LeaseLost")]
    public static partial void LeaseLost(ILogger logger, string runId);

    [LoggerMessage(11, LogLevel.Warning, "A callback registered with Stopping of run '{RunId}' threw {Error}.", EventName = "StoppingCallbackFailed")]
    public static partial void StoppingCallbackFailed(ILogger logger, string runId, string error);

    [LoggerMessage(12, LogLevel.Warning, "Run '{RunId}' has been open for {MaxTurnDuration}, the maximum duration of a turn. Its lease is no longer renewed.", EventName = "OpenTooLong")]
    public static partial void OpenTooLong(ILogger logger, string runId, TimeSpan maxTurnDuration);

    [LoggerMessage(13, LogLevel.Warning, "The stream of run '{RunId}' could not be saved: {Error}. The library tries again.", EventName = "SegmentsNotSaved")]
    public static partial void SegmentsNotSaved(ILogger logger, string runId, string error);

    [LoggerMessage(14, LogLevel.Debug, "The wait for conversation '{ConversationId}' ended after {Waited} without a turn: {Reason}.", EventName = "WaitRefused")]
    public static partial void WaitRefused(ILogger logger, string conversationId, TimeSpan waited, string reason);

    [LoggerMessage(15, LogLevel.Debug, "Run '{RunId}' retries an earlier run of its request with the existing input at position {Position}.", EventName = "RunBeganAgain")]
    public static partial void RunBeganAgain(ILogger logger, string runId, long position);

    [LoggerMessage(16, LogLevel.Debug, "Run '{RunId}' failed: {Error}.", EventName = "RunFailed")]
    public static partial void RunFailed(ILogger logger, string runId, string error);

    [LoggerMessage(17, LogLevel.Debug, "The request was already answered by run '{RunId}'. That answer is returned.", EventName = "RunReplayed")]
    public static partial void RunReplayed(ILogger logger, string runId);

    [LoggerMessage(18, LogLevel.Warning, "Run '{RunId}' has a follower and wrote nothing since its lease expired. It is marked interrupted.", EventName = "RunInterrupted")]
    public static partial void RunInterrupted(ILogger logger, string runId);

    [LoggerMessage(19, LogLevel.Warning, "A listener of the library's spans or measurements threw {Error}. Its data may be incomplete; turns are not affected. Logged once.", EventName = "ListenerFailed")]
    public static partial void ListenerFailed(ILogger logger, string error);

    [LoggerMessage(20, LogLevel.Information, "The manager closes. Agents of open turns are cancelled: {Turns}.", EventName = "Closing")]
    public static partial void Closing(ILogger logger, int turns);

    [LoggerMessage(21, LogLevel.Warning, "Agents that did not end within {Timeout} after their cancellation: {Turns}. Their runs are recorded as cancelled.", EventName = "AgentsNotEnded")]
    public static partial void AgentsNotEnded(ILogger logger, int turns, TimeSpan timeout);

    [LoggerMessage(22, LogLevel.Warning, "A summary was not completed before the manager closed. It is made after a later turn.", EventName = "SummariesCancelled")]
    public static partial void SummariesCancelled(ILogger logger);

    [LoggerMessage(23, LogLevel.Debug, "Whether run '{RunId}' was asked to stop could not be read: {Error}.", EventName = "StopNotRead")]
    public static partial void StopNotRead(ILogger logger, string runId, string error);

    [LoggerMessage(24, LogLevel.Warning, "{Stores} stores were selected for one manager. The last one is used.", EventName = "SeveralStores")]
    public static partial void SeveralStores(ILogger logger, int stores);
}
