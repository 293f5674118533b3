using System.Text;

namespace Conversations;

/// <summary>Prints records without content, so that their texts are safe to log.</summary>
internal static class LogText
{
    /// <summary>Appends the text that a record prints in place of its members.</summary>
    /// <returns><see langword="true"/> if the text is not empty.</returns>
    public static bool Print(StringBuilder builder, string? text)
    {
        builder.Append(text);
        return !string.IsNullOrEmpty(text);
    }
}
