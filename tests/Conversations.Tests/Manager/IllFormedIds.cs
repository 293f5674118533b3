namespace Conversations.Tests.Manager;

/// <summary>Texts that cannot be ids, by name: a runner that passes test arguments as text repairs some of them.</summary>
internal static class IllFormedIds
{
    private static readonly Dictionary<string, string> ByName = new(StringComparer.Ordinal)
    {
        ["empty"] = "",
        ["blank"] = " ",
        ["with a NUL"] = "conv_\0",
        ["with half of a surrogate pair"] = "conv_\ud800",
    };

    public static IEnumerable<string> Names => ByName.Keys;

    public static string Get(string name) => ByName[name];
}
