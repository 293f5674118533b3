namespace Conversations;

/// <summary>The stable values of <see cref="ConversationException.Code"/>.</summary>
public static class ConversationErrorCodes
{
    /// <summary>Another turn of the conversation is open.</summary>
    public const string ConversationLocked = "CONVERSATION_LOCKED";

    /// <summary>The conversation, message or run does not exist, or the caller cannot access it.</summary>
    public const string ConversationNotFound = "CONVERSATION_NOT_FOUND";

    /// <summary>The conversation has ended and accepts no turns.</summary>
    public const string ConversationEnded = "CONVERSATION_ENDED";

    /// <summary>The turn lost its lease. Nothing was written.</summary>
    public const string LeaseLost = "LEASE_LOST";

    /// <summary>The request is already being answered.</summary>
    public const string TurnInProgress = "TURN_IN_PROGRESS";

    /// <summary>The agent of an open turn requested another turn of the same conversation.</summary>
    public const string TurnNested = "TURN_NESTED";

    /// <summary>The idempotency key was already used for another request.</summary>
    public const string IdempotencyMismatch = "IDEMPOTENCY_MISMATCH";

    /// <summary>The agent requires an identity and the request has none.</summary>
    public const string IdentityRequired = "IDENTITY_REQUIRED";

    /// <summary>The message to continue from, or the message that it answers, is superseded.</summary>
    public const string MessageSuperseded = "MESSAGE_SUPERSEDED";

    /// <summary>The request continues from an earlier message than the last answer of the conversation.</summary>
    public const string HistoryOutdated = "HISTORY_OUTDATED";

    /// <summary>A tool result does not match an open call of the conversation, or a response an open request for an approval.</summary>
    public const string CallNotOpen = "CALL_NOT_OPEN";

    /// <summary>A message exceeds a limit on its size, its parts or its metadata.</summary>
    public const string MessageTooLarge = "MESSAGE_TOO_LARGE";

    /// <summary>The prompt costs more tokens than the limit, even without the history.</summary>
    public const string PromptTooLarge = "PROMPT_TOO_LARGE";

    /// <summary>The agent's audit policy forbids deletion.</summary>
    public const string DeletionForbidden = "DELETION_FORBIDDEN";

    /// <summary>A record has no value for a placeholder of an id template.</summary>
    public const string TemplateUnresolved = "TEMPLATE_UNRESOLVED";

    /// <summary>A function failed, or its arguments could not be parsed. No further details are recorded.</summary>
    public const string FunctionFailed = "FUNCTION_FAILED";

    /// <summary>The store is full. Nothing was written.</summary>
    public const string StoreFull = "STORE_FULL";

    /// <summary>The data of the store is damaged, or is not a store. A damaged message is returned as an error message with this code; other messages are not affected.</summary>
    public const string StoreCorrupt = "STORE_CORRUPT";

    /// <summary>The content of a message was not read, because the message exceeds the token limit by itself. It occurs in what a store returns, and in no exception.</summary>
    public const string ContentOmitted = "CONTENT_OMITTED";

    /// <summary>The store is read-only.</summary>
    public const string StoreReadOnly = "STORE_READ_ONLY";

    /// <summary>The store was not reachable or did not respond in time. Nothing was written.</summary>
    public const string StoreUnavailable = "STORE_UNAVAILABLE";

    /// <summary>The store was written by a newer version of the library.</summary>
    public const string SchemaTooNew = "SCHEMA_TOO_NEW";

    /// <summary>It is not known whether a commit took place.</summary>
    public const string CommitOutcomeUnknown = "COMMIT_OUTCOME_UNKNOWN";
}
