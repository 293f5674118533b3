using Microsoft.ML.Tokenizers;

namespace Conversations;

/// <summary>Counts the tokens of conversations with any tokenizer.</summary>
public static class TokenizerExtensions
{
    /// <summary>Creates a counter from a tokenizer, such as that of Llama or Phi.</summary>
    /// <param name="tokenizer">The tokenizer; it must be thread-safe, as those of Microsoft.ML.Tokenizers are.</param>
    /// <param name="name">A name that identifies everything that affects a count, such as <c>llama-3/ml</c>. See <see cref="ITokenCounter.Name"/>.</param>
    /// <remarks>Special tokens count as the tokenizer counts them. Ill-formed UTF-16 counts as U+FFFD. A <see cref="TiktokenTokenizer"/> gets long pieces in slices of 512 characters, because
    /// it takes quadratic time for a piece; how long others take is theirs.</remarks>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    public static ITokenCounter AsTokenCounter(this Tokenizer tokenizer, string name)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new TokenizerCounter(name, () => tokenizer, tokenizer is TiktokenTokenizer { Normalizer: null } ? tokenizer.PreTokenizer : null);
    }
}
