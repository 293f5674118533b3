using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The kinds of function results whose text does not identify the type. The values are stored in databases and never change.</summary>
internal static class ResultKinds
{
    public const string Null = "null";
    public const string Json = "json";
    public const string Content = "content";
    public const string Contents = "contents";

    /// <summary>Returns the kind of a result; null for a string, which needs none.</summary>
    public static string? Of(object? result) => result switch
    {
        null => Null,
        string => null,
        AIContent => Content,
        IEnumerable<AIContent> => Contents,
        _ => Json,
    };
}
