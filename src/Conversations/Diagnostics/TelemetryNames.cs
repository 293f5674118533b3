namespace Conversations;

/// <summary>The names of spans and their attributes, and of the tags of measurements. Those of the OpenTelemetry conventions for generative AI begin with <c>gen_ai</c>; the others are the library's own.</summary>
/// <remarks>The page <c>docs/telemetry.md</c> is written from the summaries.</remarks>
internal static class TelemetryNames
{
    /// <summary>A turn, from the request to the end. The name of the agent follows the name of the span.</summary>
    public const string TurnSpan = "invoke_agent";

    /// <summary>The wait of a turn for a busy conversation. A turn that does not wait has no such span.</summary>
    public const string LockWaitSpan = "conversations.lock.wait";

    /// <summary>The creation of a summary, after a turn and without its lease.</summary>
    public const string SummarySpan = "conversations.summarize";

    /// <summary>The operation of a summary.</summary>
    public const string SummaryOperation = "summarize";

    /// <summary>The operation: `invoke_agent` for a turn, `summarize` for a summary.</summary>
    public const string Operation = "gen_ai.operation.name";

    /// <summary>The agent, by the name under which it was added.</summary>
    public const string Agent = "gen_ai.agent.name";

    /// <summary>The id of the conversation; none if nothing is stored.</summary>
    public const string ConversationId = "gen_ai.conversation.id";

    /// <summary>The model, if the agent or the summarizer reported it.</summary>
    public const string Model = "gen_ai.response.model";

    /// <summary>The finish reason, in one element, if the agent reported it.</summary>
    public const string FinishReasons = "gen_ai.response.finish_reasons";

    /// <summary>The input tokens, including cached and cache-written ones, if the agent or the summarizer reported them.</summary>
    public const string InputTokens = "gen_ai.usage.input_tokens";

    /// <summary>The output tokens, if the agent or the summarizer reported them.</summary>
    public const string OutputTokens = "gen_ai.usage.output_tokens";

    /// <summary>The input tokens that came from the provider's cache, if any.</summary>
    public const string CachedInputTokens = "gen_ai.usage.cache_read.input_tokens";

    /// <summary>The input tokens that were written to the provider's cache, if any.</summary>
    public const string CacheWriteInputTokens = "gen_ai.usage.cache_creation.input_tokens";

    /// <summary>The output tokens that the model used for reasoning, if any.</summary>
    public const string ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";

    /// <summary>The type of the tokens: `input` or `output`.</summary>
    public const string TokenType = "gen_ai.token.type";

    /// <summary>The error: the code of an exception of the library, such as `CONVERSATION_LOCKED`, otherwise the type of the exception, such as `System.TimeoutException`; `dropped` for a turn that was not disposed. Never a message.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Content, only with `RecordContent`: the system prompt.</summary>
    public const string SystemInstructions = "gen_ai.system_instructions";

    /// <summary>Content, only with `RecordContent`: the history that the first prompt shows, and the input.</summary>
    public const string InputMessages = "gen_ai.input.messages";

    /// <summary>Content, only with `RecordContent`: the output.</summary>
    public const string OutputMessages = "gen_ai.output.messages";

    /// <summary>The id of the run; none if nothing is stored or the turn did not begin.</summary>
    public const string RunId = "conversations.run.id";

    /// <summary>The channel of the request.</summary>
    public const string Channel = "conversations.channel";

    /// <summary>Whether the turn answers a message again (`RegenerateAsync`); present only if it does.</summary>
    public const string Regenerates = "conversations.turn.regenerates";

    /// <summary>Whether the turn is stored. Turns of a stateless agent, or of a per-user agent without identity, are not stored.</summary>
    public const string IsPersisted = "conversations.turn.persisted";

    /// <summary>The outcome: `completed`; `waiting`, if it ended with open calls; `failed`; `cancelled`, also if it was disposed without a commit; `lease_lost`, also if it failed or was disposed after the loss was detected; `replayed`, if the request was already answered; `refused`, if the turn did not begin; `dropped`, if the turn was not disposed and its lease expired.</summary>
    public const string TurnOutcome = "conversations.turn.outcome";

    /// <summary>The number of output messages.</summary>
    public const string AddedMessages = "conversations.turn.added_messages";

    /// <summary>The number of messages of the history that the first prompt shows.</summary>
    public const string WindowMessages = "conversations.window.messages";

    /// <summary>The tokens of the history in the first prompt, including its summary, by the agent's counter.</summary>
    public const string WindowTokens = "conversations.window.tokens";

    /// <summary>The number of positions of the history that the first prompt does not show, for any reason.</summary>
    public const string OmittedMessages = "conversations.window.omitted_messages";

    /// <summary>The reasons why they are not shown: `message_limit`, `token_limit`, `exchange_cut`, `trimmed`, `too_large`, `nothing_to_show`, `failed_input`, `summarized`, `summary_too_large`, `not_for_model`, `no_call` or `partial`, as `ExclusionReason` has them.</summary>
    public const string OmissionReason = "conversations.window.omission_reason";

    /// <summary>The outcome of a wait: `acquired`; `replayed`, if the other turn gave the answer; `locked`, if the wait timed out; `cancelled`; `failed`, for any other reason.</summary>
    public const string LockOutcome = "conversations.lock.outcome";

    /// <summary>The last position that the summary covers.</summary>
    public const string SummaryThrough = "conversations.summary.through";

    /// <summary>The outcome of a summary: `saved`; `outdated`, if the summarized messages changed in the meantime; `blank`; `too_large`; `failed`.</summary>
    public const string SummaryOutcome = "conversations.summary.outcome";
}
