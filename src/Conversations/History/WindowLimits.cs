namespace Conversations;

/// <summary>How much may go to the model.</summary>
/// <param name="Messages">How many messages, the turn's input included.</param>
/// <param name="Tokens">How many tokens, all of the prompt included; null for any number.</param>
/// <param name="Counter">What counts them.</param>
/// <param name="Trim">The share of the limits that is kept when the window is cut: 1 to cut no more than needed.</param>
internal sealed record WindowLimits(int Messages, int? Tokens, ITokenCounter Counter, double Trim = 1)
{
    /// <summary>Gets the tokens of the prompt that the library does not see.</summary>
    public int Reserved { get; init; }
}
