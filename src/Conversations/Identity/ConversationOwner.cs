using System.Collections.ObjectModel;

namespace Conversations;

/// <summary>Whose a conversation is: one identity's, or shared by all within some fields, perhaps around a thread key.</summary>
/// <remarks>Immutable, so safe from any thread.</remarks>
public sealed class ConversationOwner : IEquatable<ConversationOwner>
{
    private ConversationOwner(ConversationIdentity? identity, string? thread, ReadOnlyDictionary<string, string?> within)
    {
        Identity = identity;
        Thread = thread;
        PartitionBy = within;
        Audience = identity is null ? SessionIdFormat.Shared(null, within) : identity.Key;
        Key = identity is null ? SessionIdFormat.Shared(thread, within) : identity.Key;
    }

    /// <summary>The identity whose it is; <see langword="null"/> if it is shared.</summary>
    public ConversationIdentity? Identity { get; }

    /// <summary>The thread key; <see langword="null"/> if there is none.</summary>
    public string? Thread { get; }

    /// <summary>The fields within which it is shared, with the callers' values; a value is <see langword="null"/> for callers without the field. Empty if it is one identity's.</summary>
    public IReadOnlyDictionary<string, string?> PartitionBy { get; }

    /// <summary>The owner as one text, different for different owners.</summary>
    public string Key { get; }

    /// <summary>Who reaches it, as one text: the identity's key, or the fields within which it is shared. Owners that differ only in the thread have the same audience.</summary>
    public string Audience { get; }

    /// <summary>The owner of what is one identity's alone.</summary>
    /// <param name="identity">The identity.</param>
    /// <returns>The owner.</returns>
    public static ConversationOwner Of(ConversationIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return new ConversationOwner(identity, null, ReadOnlyDictionary<string, string?>.Empty);
    }

    /// <summary>The owner of what is shared by all callers who agree in some fields.</summary>
    /// <param name="fields">The names of the fields; none for all callers of the project.</param>
    /// <param name="caller">A caller, whose values are taken; <see langword="null"/> for one without identity.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="ArgumentException">A name or the thread key is empty or blank, holds a NUL or is not well-formed UTF-16.</exception>
    public static ConversationOwner SharedBy(IEnumerable<string> fields, ConversationIdentity? caller, string? thread = null)
    {
        ArgumentNullException.ThrowIfNull(fields);
        WellFormed.OptionalKey(thread, nameof(thread));
        var within = fields
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(
                name => WellFormed.Key(name, nameof(fields)),
                name => caller?.Fields.GetValueOrDefault(name),
                StringComparer.Ordinal);
        return new ConversationOwner(null, thread, within.AsReadOnly());
    }

    /// <summary>Whether the two are the same owner.</summary>
    /// <param name="other">The other owner.</param>
    /// <returns><see langword="true"/> if they are the same.</returns>
    public bool Equals(ConversationOwner? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConversationOwner);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    /// <summary>The <see cref="Key"/>.</summary>
    /// <returns>The key.</returns>
    public override string ToString() => Key;

    internal static ConversationOwner Shared(string? thread, Dictionary<string, string?> within) =>
        new(null, thread, within.AsReadOnly());
}
