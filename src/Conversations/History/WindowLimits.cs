namespace Conversations;

/// <summary>How much may go to the model.</summary>
/// <param name="Messages">How many messages, the turn's input included.</param>
/// <param name="Tokens">How many tokens, all of the prompt included; null for any number.</param>
/// <param name="Counter">What counts them.</param>
internal sealed record WindowLimits(int Messages, int? Tokens, ITokenCounter Counter)
{
    /// <summary>Gets the tokens of the prompt that the library does not see.</summary>
    public int Reserved { get; init; }
}
