using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Conversations.Tests.Architecture;

/// <summary>The code of a C# file: comments and the contents of strings and characters are blanked, every line keeps its number.
/// The holes of an interpolated string are code and stay.</summary>
internal static class CodeText
{
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    public static string Of(string source) => Known.GetOrAdd(source, Blanked);

    private static string Blanked(string source)
    {
        var code = source.ToCharArray();
        var root = CSharpSyntaxTree.ParseText(source).GetRoot();
        var blanked = root.DescendantTrivia().Where(IsComment).Select(trivia => trivia.FullSpan)
            .Concat(root.DescendantTokens().Where(IsText).Select(token => token.Span));
        foreach (var span in blanked)
            Blank(code.AsSpan(span.Start, span.Length));
        return new string(code);
    }

    private static void Blank(Span<char> text)
    {
        foreach (ref var character in text)
            character = character is '\n' ? '\n' : ' ';
    }

    private static bool IsComment(SyntaxTrivia trivia) => trivia.Kind() is
        SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    private static bool IsText(SyntaxToken token) => token.Kind() is
        SyntaxKind.StringLiteralToken or SyntaxKind.Utf8StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.InterpolatedStringTextToken
        or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken or SyntaxKind.Utf8SingleLineRawStringLiteralToken or SyntaxKind.Utf8MultiLineRawStringLiteralToken;
}
