using System.Globalization;

namespace Conversations;

/// <summary>Thrown when the required part of a prompt exceeds the token limit (<c>PROMPT_TOO_LARGE</c>): the system prompt, reserved tokens, the input, the calls that it answers, and the output so far.</summary>
public sealed class PromptTooLargeException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="tokens">The number of tokens, and the counter.</param>
    /// <param name="tokenLimit">The token limit.</param>
    public PromptTooLargeException(TokenAmount tokens, int tokenLimit)
        : base(
            ConversationErrorCodes.PromptTooLarge,
            string.Create(CultureInfo.InvariantCulture, $"The prompt costs at least {tokens.Count} tokens ({tokens.Counter}) without the history: system prompt, tools, instructions and input. The limit is {tokenLimit}. Shorten them, or raise TokenLimit."))
    {
        Tokens = tokens;
        TokenLimit = tokenLimit;
    }

    /// <summary>Gets the number of tokens of the prompt without the history. Counting may have stopped above the limit.</summary>
    public TokenAmount Tokens { get; }

    /// <summary>Gets the token limit.</summary>
    public int TokenLimit { get; }
}
