using System.Security.Cryptography;
using System.Text;

namespace Conversations.Tokenizers.Tests;

public sealed class VocabularyTests
{
    // The hashes that tiktoken itself checks the files by after it has downloaded them.
    [Theory]
    [InlineData("o200k_base", 199_998, "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d")]
    [InlineData("cl100k_base", 100_256, "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7")]
    public void Vocabulary_is_the_published_file_to_the_byte(string encoding, int count, string hash)
    {
        var list = TokenList.Read(Resource.Read(encoding + ".br"));

        var file = new StringBuilder();
        for (var token = 0; token < list.Count; token++)
            file.Append(Convert.ToBase64String(list.BytesOf(token))).Append(' ').Append(token).Append('\n');
        var actual = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(file.ToString())));

        list.Count.Should().Be(count);
        actual.Should().Be(hash);
    }

    [Theory]
    [InlineData("o200k_base")]
    [InlineData("cl100k_base")]
    public void Every_token_is_found_and_is_the_merge_of_its_bytes(string encoding)
    {
        var list = TokenList.Read(Resource.Read(encoding + ".br"));
        var vocabulary = Vocabulary.Load(encoding);
        var buffer = new byte[512];
        var wrong = new List<int>();

        for (var token = 0; token < list.Count; token++)
        {
            // The rest of the buffer must have no effect.
            buffer.AsSpan().Fill((byte)token);
            var bytes = list.BytesOf(token);
            bytes.CopyTo(buffer);
            if (!vocabulary.IsToken(buffer, bytes.Length) || vocabulary.CountMerged(bytes) != 1)
                wrong.Add(token);
        }

        wrong.Should().BeEmpty();
    }

    [Theory]
    [InlineData("abcdefgq")]
    [InlineData(" theq")]
    [InlineData(" information\0")]
    [InlineData("a\0")]
    public void Find_fails_when_bytes_are_no_token(string text)
    {
        var buffer = new byte[512];
        var length = Encoding.UTF8.GetBytes(text, buffer);

        Vocabulary.Load("o200k_base").IsToken(buffer, length).Should().BeFalse();
    }

    [Fact]
    public void Find_fails_when_only_the_hash_is_that_of_a_token()
    {
        var token = " recommendations"u8.ToArray();
        var other = "Of another kind "u8.ToArray();
        var difference = TokenTable.Hash((ulong)token.Length ^ First(token)) ^ TokenTable.Hash((ulong)other.Length ^ First(other));
        BitConverter.TryWriteBytes(other.AsSpan(8), BitConverter.ToUInt64(token, 8) ^ difference);

        TokenTable.Hash(other).Should().Be(TokenTable.Hash(token));
        Vocabulary.Load("o200k_base").IsToken(token, token.Length).Should().BeTrue();
        Vocabulary.Load("o200k_base").IsToken(other, other.Length).Should().BeFalse();

        static ulong First(byte[] bytes) => BitConverter.ToUInt64(bytes, 0);
    }
}
