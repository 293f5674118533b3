using System.Text;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Texts that stores often change or reject. Theories use their names, because a report cannot show the texts.</summary>
internal static class HostileTexts
{
    // The library gives no longer keys to stores.
    private const int LongestKey = 1_024;

    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["emoji"] = "👩‍👩‍👧‍👦 🇩🇪 👍🏽",
        ["right to left"] = "שלום \u202Eعربي\u202C",
        ["last of the plane"] = "a\uFFFFb\uFFFEc",
        ["replacement"] = "\uFFFD",
        ["byte order mark"] = "\uFEFFx",
        ["combining"] = "e\u0301 \u00E9",
        ["astral"] = "\U0010FFFF\U00010000",
        ["quotes"] = "'\"`''\"\"\\",
        ["percent"] = "%s %d %00 %25 _ [a-z] ?1 :p @p $p {0}",
        ["sql"] = "x'); DROP TABLE messages; -- /* */",
        ["json"] = """{"type":"text","text":"x"}""",
        ["json array"] = """[{"type":"text","text":"x"}]""",
        ["control"] = "\u0001\u001B[31m\u007F\u0085\u2028\u2029",
        ["white space"] = " \t a \r\n b \n ",
        ["markup"] = "<script>alert(1)</script>&amp;]]>",
        ["number"] = "0123",
        ["long"] = new('x', LongestKey),
        ["long and wide"] = new StringBuilder().Insert(0, "👍", LongestKey / 2).ToString(),
    };

    private static readonly Dictionary<string, string> Contents = new(Keys, StringComparer.Ordinal)
    {
        ["empty"] = "",
        ["blank"] = "   ",
        ["nul"] = "\0",
        ["nul within"] = "a\0b\0",
        ["longer than a key"] = new('x', 10_000),
        ["ten megabytes"] = new('m', 10 * 1024 * 1024),
        ["ten wide megabytes"] = new('語', 10 * 1024 * 1024 / 3),
    };

    /// <summary>Gets the names of texts that are valid keys: not blank, without NUL.</summary>
    public static TheoryData<string> KeyNames => [.. Keys.Keys];

    /// <summary>Gets the names of texts that are valid content.</summary>
    public static TheoryData<string> ContentNames => [.. Contents.Keys];

    /// <summary>Gets the names of texts that are valid authors, which are as long as keys and can contain NUL.</summary>
    public static TheoryData<string> AuthorNames => [.. Contents.Where(text => text.Value.Length <= LongestKey).Select(text => text.Key)];

    public static string Get(string name) => Contents[name];
}
