namespace Conversations.Extensions.AI.Tests;

/// <summary>Where the API is more lenient than a careful client should rely on, or differs from model to model.</summary>
public sealed record AnthropicRules
{
    /// <summary>
    /// The API joins consecutive messages of a role into one turn before it looks at them ("consecutive user or assistant turns
    /// in your request will be combined", the reference of Create a Message). Otherwise they are a violation.
    /// </summary>
    public bool JoinsConsecutiveMessages { get; init; }

    /// <summary>
    /// Newer models take <c>role: "system"</c> after a user turn (platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages);
    /// the others refuse it.
    /// </summary>
    public bool TakesSystemMessages { get; init; }

    /// <summary>Newer models refuse a last message of the assistant, which older ones continue.</summary>
    public bool ContinuesAssistantMessages { get; init; }

    /// <summary>
    /// Whether a tool-use id may come again in a later message. The API's words are "`tool_use` ids must be unique"; reports that
    /// quote it are about one message (github.com/anthropics/claude-code/issues/20508), and whether it looks further is not documented.
    /// </summary>
    public bool TakesToolUseIdsAgain { get; init; } = true;
}
