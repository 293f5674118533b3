using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The authors of users' messages in a prompt. Some providers read the name of a message; to the others it is shown in front of the text.</summary>
/// <remarks>Only a name begins at the beginning of a line: the further lines of the text are indented, so that no text can look like the message of another author.</remarks>
internal static class ChatAuthors
{
    private const string Indent = "  ";
    private const char Replaced = '\uFFFD';

    // Letters and marks that are not visible.
    private static readonly SearchValues<char> Invisible = SearchValues.Create("\u034F\u115F\u1160\u17B4\u17B5\u3164\uFFA0");

    /// <summary>Returns new messages with the authors under whom they are stored. The messages of the caller are not changed.</summary>
    /// <param name="given">The messages, as the caller passed them.</param>
    /// <param name="input">The same messages, as they are stored.</param>
    public static IEnumerable<ChatMessage> Of(IReadOnlyList<ChatMessage> given, IReadOnlyList<ConversationMessage> input) =>
        given.Zip(input, static (message, stored) => string.Equals(message.AuthorName, stored.AuthorName, StringComparison.Ordinal) ? message : Named(message, stored.AuthorName));

    /// <summary>Returns a message whose text begins with the name of its author, if it is a user's message with one.</summary>
    public static ChatMessage InText(ChatMessage message)
    {
        if (message.Role != ChatRole.User || string.IsNullOrWhiteSpace(message.AuthorName))
            return message;

        var shown = ChatPrefix.Of(message, Shown(message.AuthorName) + ": ");
        if (!ReferenceEquals(shown, message))
            shown.Contents = [.. shown.Contents.Select(static (content, i) => Indented(content, isFirst: i == 0))];
        return shown;
    }

    /// <summary>Returns the name in front of a text; the text alone if there is no name.</summary>
    public static string InText(string? author, string text) => string.IsNullOrWhiteSpace(author) ? text : $"{Shown(author)}: {Indented(text)}";

    // Providers refuse a text of white space alone.
    private static AIContent Indented(AIContent content, bool isFirst) =>
        ChatPrefix.AsPlainText(content) is { } text && !string.IsNullOrWhiteSpace(text.Text) ? ChatPrefix.WithText(text, (isFirst ? "" : Indent) + Indented(text.Text)) : content;

    private static string Indented(string text) => text.Replace('\v', '\n').ReplaceLineEndings("\n" + Indent);

    /// <summary>Returns a name as it is if it is plain. Another one is quoted, so that it does not look like a plain one, and what is not visible in it is replaced.</summary>
    private static string Shown(string name)
    {
        var isPlain = !char.IsWhiteSpace(name[0]) && !char.IsWhiteSpace(name[^1]);
        var shown = new StringBuilder(name.Length + 2);
        foreach (var letter in name.EnumerateRunes())
        {
            isPlain &= IsVisible(letter) && letter.Value is not (':' or '"' or Replaced);
            if (!IsVisible(letter))
                shown.Append(Replaced);
            else
                shown.Append(letter.Value == '"' ? "'" : letter.ToString());
        }

        return isPlain ? name : $"\"{shown}\"";
    }

    private static bool IsVisible(Rune letter) =>
        letter.Value == ' '
        || (Rune.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator)
            && !(letter.IsBmp && Invisible.Contains((char)letter.Value)));

    private static ChatMessage Named(ChatMessage message, string? author)
    {
        var named = message.Clone();
        named.AuthorName = author;
        return named;
    }
}
