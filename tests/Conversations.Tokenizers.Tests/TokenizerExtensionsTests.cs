using System.Text;
using Microsoft.ML.Tokenizers;

namespace Conversations.Tokenizers.Tests;

public sealed class TokenizerExtensionsTests
{
    [Fact]
    public void AsTokenCounter_counts_as_the_tokenizer()
    {
        var counter = Words().AsTokenCounter("words/1");

        counter.Name.Should().Be("words/1");
        counter.Count("to be or not to be").Should().Be(6);
        counter.Count("").Should().Be(0);
        counter.Count("to be or not to be", 2).Should().Be(6, "a tokenizer that is not split into pieces counts a text as a whole");
    }

    [Fact]
    public void AsTokenCounter_counts_a_long_piece_of_a_tiktoken_tokenizer_in_slices()
    {
        var tokenizer = TiktokenTokenizer.CreateForEncoding("cl100k_base");
        var counter = tokenizer.AsTokenCounter("cl100k_base/own");

        counter.Count(new string('a', 1_000_000)).Should().Be(125_000);
        counter.Count("Can you check my last invoice?").Should().Be(tokenizer.CountTokens("Can you check my last invoice?"));
    }

    [Fact]
    public void AsTokenCounter_counts_ill_formed_text_as_the_text_repaired()
    {
        var counter = TiktokenTokenizer.CreateForEncoding("cl100k_base").AsTokenCounter("cl100k_base/own");

        counter.Count("a\uD800b").Should().Be(counter.Count("a\uFFFDb"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void AsTokenCounter_is_refused_for_a_blank_name(string name)
    {
        var create = () => Words().AsTokenCounter(name);

        create.Should().Throw<ArgumentException>().WithParameterName("name");
    }

    private static BertTokenizer Words() => BertTokenizer.Create(
        new MemoryStream(Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nto\nbe\nor\nnot\n")), new BertOptions());
}
