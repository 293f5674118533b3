using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Content of a stored message that cannot be restored to its original type, because the type is not registered or of a newer version, because the host wrote a <see cref="RawPart"/>,
/// or because it is damaged. It is kept as it was written, and stored back unchanged. After its type is registered with <see cref="AIJsonUtilities.AddAIContentType{TContent}"/>, it is read as that type.</summary>
/// <remarks>Annotations and additional properties are available if they could be read; changes to them are not stored. Providers ignore this content, and System.Text.Json treats it like any type that is not registered.
/// Safe to read from several threads while no thread changes it.</remarks>
public sealed class UnknownContent : AIContent
{
    internal UnknownContent(string json, string? typeName, bool isDamaged, ContentPart? part)
    {
        Json = json;
        TypeName = typeName;
        IsDamaged = isDamaged;
        Part = part;
    }

    /// <summary>Gets the JSON as it is stored.</summary>
    public string Json { get; }

    /// <summary>Gets the type that the JSON states: the registered name of a type, the full name of a .NET type, or the <see cref="RawPart.Type"/> of a part of the host; <see langword="null"/> if it states none.</summary>
    public string? TypeName { get; }

    /// <summary>Gets whether the JSON states a known type but cannot be read as that type, or the content could not be written when it was stored.</summary>
    public bool IsDamaged { get; }

    /// <summary>Gets the stored part; null for content that is within another.</summary>
    internal ContentPart? Part { get; }

    /// <summary>Returns text that is safe to log: it never contains content.</summary>
    /// <returns>The name of the type.</returns>
    public override string ToString() => nameof(UnknownContent);
}
