using System.Collections.ObjectModel;
using System.Text;

namespace Conversations;

/// <summary>The owner of a conversation: one identity, or the values of the fields that shared conversations are partitioned by, with a thread key if there is one.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ConversationOwner
{
    private ConversationOwner(ConversationIdentity? identity, string? thread, ReadOnlyDictionary<string, string?> within)
    {
        Identity = identity;
        Thread = thread;
        PartitionBy = within;
        Audience = identity is null ? SessionIdFormat.Shared(thread, within) : identity.Key;
    }

    /// <summary>Gets the identity; <see langword="null"/> if the conversation is shared.</summary>
    public ConversationIdentity? Identity { get; }

    /// <summary>Gets the thread key; <see langword="null"/> if there is none.</summary>
    public string? Thread { get; }

    /// <summary>Gets the fields by which the shared conversation is partitioned, with their values; a value is <see langword="null"/> for callers without the field. Empty if one identity is the owner.</summary>
    internal IReadOnlyDictionary<string, string?> PartitionBy { get; }

    /// <summary>Gets the audience as text, which is unique for each owner: the key of the identity, or the thread key and the fields by which the conversation is partitioned.</summary>
    public string Audience { get; }

    /// <summary>Creates the owner of conversations of one identity.</summary>
    /// <param name="identity">The identity.</param>
    /// <returns>The owner.</returns>
    public static ConversationOwner Of(ConversationIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return identity.AsOwner ??= new ConversationOwner(identity, null, ReadOnlyDictionary<string, string?>.Empty);
    }

    /// <summary>Creates the owner of conversations that callers with the same values of some fields share.</summary>
    /// <param name="fields">The names of the fields; none for all callers of the project.</param>
    /// <param name="caller">The caller that supplies the values; <see langword="null"/> for one without identity.</param>
    /// <param name="thread">The thread key; <see langword="null"/> for none.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="ArgumentException">A name or the thread key is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
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

    /// <summary>Returns whether the two owners are equal.</summary>
    /// <param name="other">The other owner.</param>
    /// <returns><see langword="true"/> if they are the same.</returns>
    public bool Equals(ConversationOwner? other) => other is not null && string.Equals(Audience, other.Audience, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Audience);

    // Prints only the audience.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, Audience);

    internal static ConversationOwner Shared(string? thread, Dictionary<string, string?> within) =>
        new(null, thread, within.AsReadOnly());
}
