using System.IO.Compression;
using MakeVocabularies;

const string Usage =
    """
    MakeVocabularies tokens FILE.tiktoken OUTPUT.br   the tokens of an encoding, from the file that OpenAI publishes
    MakeVocabularies classes OUTPUT.br                the classes of all code points, from this runtime's Unicode data
    """;

switch (args)
{
    case ["tokens", var source, var output]:
        Write(output, TokenData.Of(File.ReadLines(source)));
        return 0;
    case ["classes", var output]:
        Write(output, ClassData.OfThisRuntime());
        return 0;
    default:
        await Console.Error.WriteLineAsync(Usage);
        return 2;
}

static void Write(string path, byte[] data)
{
    using var file = File.Create(path);
    using var compressed = new BrotliStream(file, CompressionLevel.SmallestSize);
    compressed.Write(data);
}
