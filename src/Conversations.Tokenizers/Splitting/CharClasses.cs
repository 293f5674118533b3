using System.Buffers;
using System.Text;

namespace Conversations;

/// <summary>The class of every code point in Unicode 16, as in the reference implementation. The runtime's data changes from version to version.</summary>
internal sealed class CharClasses
{
    private const int Plane = 0x10000;

    private static readonly Lazy<CharClasses> Loaded = new(Load);

    private readonly CharClass[] _ofChars = new CharClass[Plane];
    private readonly int[] _starts;
    private readonly CharClass[] _ofRanges;

    private CharClasses(int[] starts, CharClass[] ofRanges)
    {
        _starts = starts;
        _ofRanges = ofRanges;
        for (var i = 0; i < starts.Length && starts[i] < Plane; i++)
            _ofChars.AsSpan(starts[i]..Math.Min(i + 1 < starts.Length ? starts[i + 1] : Plane, Plane)).Fill(ofRanges[i]);
        _ofChars.AsSpan(0xD800..0xE000).Fill(CharClass.Surrogate);
    }

    public static CharClasses Instance => Loaded.Value;

    /// <summary>Returns the class of the code point at <paramref name="index"/>, and its number of chars. An unpaired surrogate counts as U+FFFD.</summary>
    public CharClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        length = 1;
        var known = _ofChars[text[index]];
        return known != CharClass.Surrogate ? known : OfSurrogate(text[index..], out length);
    }

    /// <summary>Returns the class of a code point.</summary>
    public CharClass Of(Rune rune)
    {
        if (rune.IsBmp)
            return _ofChars[rune.Value];

        var found = Array.BinarySearch(_starts, rune.Value);
        return _ofRanges[found >= 0 ? found : ~found - 1];
    }

    private CharClass OfSurrogate(ReadOnlySpan<char> rest, out int length) =>
        Rune.DecodeFromUtf16(rest, out var rune, out length) == OperationStatus.Done ? Of(rune) : Of(Rune.ReplacementChar);

    /// <summary>Reads the ranges: the distance of each from the previous one (seven bits a byte, the lowest first), and its class.</summary>
    private static CharClasses Load()
    {
        var data = Resource.Read("unicode-16.br");
        var starts = new List<int>();
        var ofRanges = new List<CharClass>();
        for (int at = 0, start = 0; at < data.Length;)
        {
            for (var shift = 0; ; shift += 7)
            {
                var bits = data[at++];
                start += (bits & 0x7F) << shift;
                if (bits < 0x80)
                    break;
            }

            starts.Add(start);
            ofRanges.Add((CharClass)data[at++]);
        }

        return new CharClasses([.. starts], [.. ofRanges]);
    }
}
