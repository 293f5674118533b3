using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>What a function's result is, where its text does not tell. The values are part of every database: they never change.</summary>
internal static class ResultKinds
{
    public const string Null = "null";
    public const string Json = "json";
    public const string Content = "content";
    public const string Contents = "contents";

    /// <summary>The kind of a result; null for a string, which needs no name.</summary>
    public static string? Of(object? result) => result switch
    {
        null => Null,
        string => null,
        AIContent => Content,
        IEnumerable<AIContent> => Contents,
        _ => Json,
    };
}
