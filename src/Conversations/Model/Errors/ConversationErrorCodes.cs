namespace Conversations;

/// <summary>The stable values of <see cref="ConversationException.Code"/>.</summary>
public static class ConversationErrorCodes
{
    /// <summary>Another turn of the conversation is open.</summary>
    public const string ConversationLocked = "CONVERSATION_LOCKED";

    /// <summary>There is no such conversation, or none that the caller reaches.</summary>
    public const string ConversationNotFound = "CONVERSATION_NOT_FOUND";

    /// <summary>The conversation has ended and takes no turns.</summary>
    public const string ConversationEnded = "CONVERSATION_ENDED";

    /// <summary>The turn lost its lease; nothing was written.</summary>
    public const string LeaseLost = "LEASE_LOST";

    /// <summary>The request is being answered right now.</summary>
    public const string TurnInProgress = "TURN_IN_PROGRESS";

    /// <summary>A turn of the conversation was asked for within the agent of one that is open.</summary>
    public const string TurnNested = "TURN_NESTED";

    /// <summary>The idempotency key was used before for another request.</summary>
    public const string IdempotencyMismatch = "IDEMPOTENCY_MISMATCH";

    /// <summary>The agent requires an identity and the request has none.</summary>
    public const string IdentityRequired = "IDENTITY_REQUIRED";

    /// <summary>A message that is to be gone on from is superseded, or what it answers is.</summary>
    public const string MessageSuperseded = "MESSAGE_SUPERSEDED";

    /// <summary>A tool result answers no call that the conversation left open.</summary>
    public const string CallNotOpen = "CALL_NOT_OPEN";

    /// <summary>The system prompt and the turn's own messages cost more tokens than the limit.</summary>
    public const string PromptTooLarge = "PROMPT_TOO_LARGE";

    /// <summary>The agent's audit policy forbids deletion.</summary>
    public const string DeletionForbidden = "DELETION_FORBIDDEN";

    /// <summary>A record has no value for a placeholder of an id template.</summary>
    public const string TemplateUnresolved = "TEMPLATE_UNRESOLVED";

    /// <summary>A function that was called failed, or its arguments could not be read; only that is known of it.</summary>
    public const string FunctionFailed = "FUNCTION_FAILED";

    /// <summary>The store has no room left; nothing was written.</summary>
    public const string StoreFull = "STORE_FULL";

    /// <summary>The store's data is damaged, or no store at all.</summary>
    public const string StoreCorrupt = "STORE_CORRUPT";

    /// <summary>The store cannot be written to.</summary>
    public const string StoreReadOnly = "STORE_READ_ONLY";

    /// <summary>The store could not be reached or did not answer in time; nothing was written.</summary>
    public const string StoreUnavailable = "STORE_UNAVAILABLE";

    /// <summary>The store was written by a newer version of the library.</summary>
    public const string SchemaTooNew = "SCHEMA_TOO_NEW";

    /// <summary>It is not known whether a commit took place.</summary>
    public const string CommitOutcomeUnknown = "COMMIT_OUTCOME_UNKNOWN";
}
