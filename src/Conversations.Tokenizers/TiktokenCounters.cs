using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Conversations;

/// <summary>Token counts for the encodings of OpenAI's models, offline, by Microsoft.ML.Tokenizers.</summary>
/// <remarks>
/// <para>Text that resembles a special token, such as <c>&lt;|endoftext|&gt;</c>, is ordinary text here. Tokens that a provider adds around messages are not counted.</para>
/// <para>The counts are those of OpenAI's tiktoken, except for letters beyond the first plane of Unicode and for pieces longer than 512 characters, which are counted in slices:
/// there they can differ a little, and the names of the counters end in <c>/ml</c>. A vocabulary is read at its first count and kept. Thread-safe.</para>
/// </remarks>
public static class TiktokenCounters
{
    private const string O200k = "o200k_base";
    private const string Cl100k = "cl100k_base";
    private const int O200kEndOfText = 199_999;
    private const int Cl100kEndOfText = 100_257;

    /// <summary>Gets the counter of <c>o200k_base</c>, the encoding of GPT-4o, GPT-4.1, GPT-5 and the o1, o3 and o4 models. Its name is <c>o200k_base/ml</c>.</summary>
    public static ITokenCounter O200kBase { get; } = Create(O200k, TiktokenPieces.O200k());

    /// <summary>Gets the counter of <c>cl100k_base</c>, the encoding of GPT-4, GPT-3.5 Turbo and the text-embedding-3 models. Its name is <c>cl100k_base/ml</c>.</summary>
    public static ITokenCounter Cl100kBase { get; } = Create(Cl100k, TiktokenPieces.Cl100k());

    /// <summary>Gets the counter of a model of OpenAI by its name, such as <c>gpt-4o</c>, <c>gpt-4.1-mini</c> or <c>text-embedding-3-small</c>.</summary>
    /// <param name="model">The name, as Microsoft.ML.Tokenizers knows it.</param>
    /// <returns><see cref="O200kBase"/> or <see cref="Cl100kBase"/>.</returns>
    /// <remarks>Reads the vocabulary of the model, which takes about a second at its first use in a process.</remarks>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    /// <exception cref="NotSupportedException">The model is unknown, or has another encoding.</exception>
    public static ITokenCounter ForModel(string model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        return EndOfText(model) switch
        {
            O200kEndOfText => O200kBase,
            Cl100kEndOfText => Cl100kBase,
            _ => throw NotSupported(model),
        };
    }

    // The library does not state the encoding of a model, but each has another number for the end of a text.
    private static int? EndOfText(string model)
    {
        try
        {
            return TiktokenTokenizer.CreateForModel(model).SpecialTokens?.TryGetValue("<|endoftext|>", out var id) == true ? id : null;
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            // Unknown, or of an encoding whose package of data is not referenced.
            throw NotSupported(model, e);
        }
    }

    private static NotSupportedException NotSupported(string model, Exception? cause = null) =>
        new($"The model '{model}' is unknown, or has neither {O200k} nor {Cl100k}. Choose O200kBase or Cl100kBase, or call AsTokenCounter of a Tokenizer.", cause);

    private static TokenizerCounter Create(string encoding, Regex pieces) =>
        new TokenizerCounter(encoding + "/ml", () => TiktokenTokenizer.CreateForEncoding(encoding), new RegexPreTokenizer(pieces, specialTokens: null));
}
