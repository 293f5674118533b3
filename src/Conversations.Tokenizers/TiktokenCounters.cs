namespace Conversations;

/// <summary>Exact token counts for the encodings of OpenAI's models, offline: the counts of <c>tiktoken</c>'s <c>encode_ordinary</c>.</summary>
/// <remarks>
/// <para>Byte-pair encoding (Sennrich, Haddow and Birch, 2016) over the published vocabularies of tiktoken, which are embedded; see THIRD-PARTY-NOTICES.txt.
/// Text that resembles a special token, such as <c>&lt;|endoftext|&gt;</c>, is ordinary text here. Tokens that a provider adds around messages are not counted.</para>
/// <para>A vocabulary is read at its first count, in well under a quarter of a second, and kept: 10 MB for <c>o200k_base</c>, 5 MB for <c>cl100k_base</c>.
/// A count takes at most n log n time for any text, and uses pooled buffers. Thread-safe.</para>
/// </remarks>
public static class TiktokenCounters
{
    /// <summary>Gets the counter of <c>o200k_base</c>, the encoding of GPT-4o, GPT-4.1, GPT-5 and the o1, o3 and o4 models.</summary>
    public static ITokenCounter O200kBase { get; } = new BytePairCounter<O200kSplitter>("o200k_base");

    /// <summary>Gets the counter of <c>cl100k_base</c>, the encoding of GPT-4, GPT-3.5 Turbo and the text-embedding-3 models.</summary>
    public static ITokenCounter Cl100kBase { get; } = new BytePairCounter<Cl100kSplitter>("cl100k_base");
}
