using System.Runtime.CompilerServices;
using System.Text;

namespace Replay;

/// <summary>A line of a file: a conversation, or what is wrong with it.</summary>
internal sealed record TranscriptLine(int Number, long Length, RecordedConversation? Conversation, string? Problem);

/// <summary>Reads a file of conversations line by line. A line that cannot be read is reported, and the next one is read.</summary>
internal static class Transcript
{
    private const string ByteOrderMark = "\u00EF\u00BB\u00BF";

    /// <summary>Reads the lines that are not blank.</summary>
    public static async IAsyncEnumerable<TranscriptLine> ReadAsync(FileInfo file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var number = 0;

        // Latin-1 keeps every byte, so that a line that is not UTF-8 is recognized, and affects no other line.
        using var reader = new StreamReader(file.FullName, Encoding.Latin1, detectEncodingFromByteOrderMarks: false);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            number++;
            var length = line.Length + 1L;
            if (number == 1 && line.StartsWith(ByteOrderMark, StringComparison.Ordinal))
                line = line[ByteOrderMark.Length..];
            if (string.IsNullOrWhiteSpace(line))
                continue;

            yield return Parse(line, number, length, lines);
        }
    }

    private static TranscriptLine Parse(string line, int number, long length, Dictionary<string, int> lines)
    {
        try
        {
            var conversation = TranscriptParser.Parse(Encoding.Latin1.GetBytes(line));
            return lines.TryAdd(conversation.Id, number)
                ? new TranscriptLine(number, length, conversation, null)
                : new TranscriptLine(number, length, null, $"its id is already in line {lines[conversation.Id]}");
        }
        catch (FormatException exception)
        {
            return new TranscriptLine(number, length, null, exception.Message);
        }
    }
}
