using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Content of a stored message that could not be made into what it was: of a type that is not registered, of a newer version, written by the host as a <see cref="RawPart"/> of its own,
/// or damaged. It is kept as it was written, and stored again to the letter. Once its type is registered with <see cref="AIJsonUtilities.AddAIContentType{TContent}"/>, it comes back as that type.</summary>
/// <remarks>Annotations and additional properties are there if they could be read; what is changed in them is not written. Providers have no use for it; System.Text.Json knows it no more than any other type that was not registered.
/// Safe to read from any thread while nobody changes it.</remarks>
public sealed class UnknownContent : AIContent
{
    internal UnknownContent(string json, string? typeName, bool isDamaged, bool isPart)
    {
        Json = json;
        TypeName = typeName;
        IsDamaged = isDamaged;
        IsPart = isPart;
    }

    /// <summary>The JSON as it is stored.</summary>
    public string Json { get; }

    /// <summary>What its JSON says it is: the registered name of a type, the full name of a .NET type, or the <see cref="RawPart.Type"/> of the host's own part; <see langword="null"/> if it doesn't say.</summary>
    public string? TypeName { get; }

    /// <summary>Whether it says it is something known, but cannot be read as that, or could not be written when it was stored.</summary>
    public bool IsDamaged { get; }

    /// <summary>Whether the JSON is all of the stored part, and not only what this package put into it.</summary>
    internal bool IsPart { get; }

    /// <summary>What is safe to log: never content.</summary>
    /// <returns>The name of the type.</returns>
    public override string ToString() => nameof(UnknownContent);
}
