namespace Conversations.Benchmarks.Workloads;

/// <summary>The texts of messages: a question of 200 characters, an answer of 800.</summary>
internal static class Texts
{
    public static readonly string Question = Repeat("Where does my order stand? ", 200);

    public static readonly string Answer = Repeat("It left the warehouse on Monday, \"by parcel\". ", 800);

    /// <summary>The text of a message of a history, by its position.</summary>
    public static string At(long position) => position % 2 == 1 ? Question : Answer;

    private static string Repeat(string text, int length) => string.Concat(Enumerable.Repeat(text, (length / text.Length) + 1))[..length];
}
