using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Identity;

/// <summary>Texts that a careless format would confuse: its own delimiters, their escapes, and what looks alike but is not.</summary>
internal static class HostileText
{
    private static readonly string[] Delimiters = [":", ";", "=", "#", "*", "@", "%", "%3A", "%3a", "%253A", "%25", "%", "/", "\\", "\"", "'", "a", "b", "default", "user_id"];

    private static readonly string[] LookAlikes =
    [
        "a", "\u0430", "A", "\uFF41", "\u00E9", "e\u0301", "\uFF1A", "\uFF1B", "\u2236", "I", "l", "1", "\u0131", "ss", "\u00DF", "K", "\u212A",
        " ", "\u00A0", "\u200B", "\u200F\u05D0", "\u202E", "\u0001", "\t", "\n", "\u001F", "\u007F", "\u0085", "\uFFFD", "\uFFFF", "\U0001F600", "\U0010FFFF",
    ];

    // Escapes can triple it, and LookingLike adds to it.
    private const int Longest = WellFormed.LongestKey / 4;

    /// <summary>A text that may be a name, a key or an id.</summary>
    public static Gen<string> Any { get; } = Gen.Frequency(
        (8, Joined(Delimiters, 3)),
        (8, Joined([.. Delimiters, .. LookAlikes], 4)),
        (4, Gen.Elements(LookAlikes)),
        (1, Gen.Elements(Delimiters).Select(piece => string.Concat(Enumerable.Repeat(piece, Longest / piece.Length)))))
        .Select(NotBlank);

    /// <summary>Another text that looks like the one given.</summary>
    public static Gen<string> LookingLike(string text) => Gen.Elements<Func<string, string>>(
        t => t + " ",
        t => t.Replace("a", "\u0430", StringComparison.Ordinal),
        t => t.Replace("%", "%25", StringComparison.Ordinal),
        t => t.Replace(":", "%3A", StringComparison.Ordinal),
        t => t.Replace("%3A", ":", StringComparison.Ordinal),
        t => t.Replace("%3A", "%3a", StringComparison.Ordinal),
        t => t.Replace("\u00E9", "e\u0301", StringComparison.Ordinal),
        t => t.ToUpperInvariant(),
        t => t + ";a=b",
        t => t + "@a",
        t => "#" + t).Select(change => NotBlank(change(text)));

    private static string NotBlank(string text) => string.IsNullOrWhiteSpace(text) ? text + "x" : text;

    private static Gen<string> Joined(string[] pieces, int most) =>
        from count in Gen.Choose(1, most)
        from chosen in Gen.Elements(pieces).ArrayOf(count)
        select string.Concat(chosen);
}
