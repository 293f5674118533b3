using System.Globalization;

namespace Conversations;

/// <summary>What a turn cannot do without costs more tokens than its limit (<c>PROMPT_TOO_LARGE</c>): the system prompt, the input, the calls that it answers, and what was added.</summary>
public sealed class PromptTooLargeException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="tokens">What it costs, and by which counter.</param>
    /// <param name="tokenLimit">The limit.</param>
    public PromptTooLargeException(TokenAmount tokens, int tokenLimit)
        : base(
            ConversationErrorCodes.PromptTooLarge,
            string.Create(CultureInfo.InvariantCulture, $"The system prompt and the turn's own messages cost {tokens.Count} tokens ({tokens.Counter}) and the limit is {tokenLimit}."))
    {
        Tokens = tokens;
        TokenLimit = tokenLimit;
    }

    /// <summary>What the system prompt and the turn's own messages cost.</summary>
    public TokenAmount Tokens { get; }

    /// <summary>The limit.</summary>
    public int TokenLimit { get; }
}
