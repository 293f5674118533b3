using System.Collections.ObjectModel;

namespace Conversations;

/// <summary>The identity of a caller: named fields such as <c>user_id</c> and <c>tenant_id</c>.</summary>
/// <remarks>Two identities are the same only if they have the same fields with the same values, compared ordinally:
/// <c>{user_id}</c> and <c>{user_id, session_id}</c> are two. This type is immutable and thread-safe.
/// The library does not verify identities: the host must authenticate the caller before it creates one.</remarks>
public sealed class ConversationIdentity : IEquatable<ConversationIdentity>
{
    private readonly ReadOnlyDictionary<string, string> _fields;

    /// <summary>Gets or sets the owner of the identity's conversations, which each request needs; null until it was created.</summary>
    internal ConversationOwner? AsOwner { get; set; }

    private ConversationIdentity(ReadOnlyDictionary<string, string> fields)
    {
        _fields = fields;
        Key = SessionIdFormat.Identity(fields);
    }

    /// <summary>Gets the identity as text, which is unique for each identity: <c>user_123;tenant_id=acme</c>.</summary>
    public string Key { get; }

    /// <summary>Gets the fields by name; never empty.</summary>
    public IReadOnlyDictionary<string, string> Fields => _fields;

    /// <summary>Gets the value of <c>user_id</c>; <see langword="null"/> if there is none.</summary>
    public string? UserId => _fields.GetValueOrDefault(IdentityFields.UserId);

    /// <summary>Creates the identity of a user: <c>{user_id}</c>.</summary>
    /// <param name="userId">The user.</param>
    /// <returns>The identity.</returns>
    /// <exception cref="ArgumentException"><paramref name="userId"/> is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public static ConversationIdentity ForUser(string userId) => FromFields([new(IdentityFields.UserId, WellFormed.Key(userId, nameof(userId)))]);

    /// <summary>Creates the identity of a user of a tenant: <c>{tenant_id, user_id}</c>.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <returns>The identity.</returns>
    /// <exception cref="ArgumentException">A value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public static ConversationIdentity ForUser(string userId, string tenantId) =>
        FromFields([
            new(IdentityFields.UserId, WellFormed.Key(userId, nameof(userId))),
            new(IdentityFields.TenantId, WellFormed.Key(tenantId, nameof(tenantId))),
        ]);

    /// <summary>Creates an identity of any fields.</summary>
    /// <param name="fields">The fields; at least one. The collection is copied.</param>
    /// <returns>The identity.</returns>
    /// <exception cref="ArgumentException">No field is specified, a name occurs twice, or a name or value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public static ConversationIdentity FromFields(IEnumerable<KeyValuePair<string, string>> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var copy = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            if (!copy.TryAdd(WellFormed.Key(name, nameof(fields)), WellFormed.Key(value, nameof(fields))))
                throw new ArgumentException("A field occurs more than once. Specify each field once.", nameof(fields));
        }

        if (copy.Count == 0)
            throw new ArgumentException("An identity must have at least one field.", nameof(fields));

        return new ConversationIdentity(copy.AsReadOnly());
    }

    /// <summary>Returns a copy of the identity with a field added or replaced.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="value">The field's value.</param>
    /// <returns>The new identity. This instance does not change.</returns>
    /// <exception cref="ArgumentException">The name or value is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public ConversationIdentity With(string field, string value)
    {
        var copy = new Dictionary<string, string>(_fields, StringComparer.Ordinal)
        {
            [WellFormed.Key(field, nameof(field))] = WellFormed.Key(value, nameof(value)),
        };
        return new ConversationIdentity(copy.AsReadOnly());
    }

    /// <summary>Returns whether the two identities have the same fields with the same values.</summary>
    /// <param name="other">The other identity.</param>
    /// <returns><see langword="true"/> if they are the same.</returns>
    public bool Equals(ConversationIdentity? other) => other is not null && string.Equals(Key, other.Key, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConversationIdentity);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    /// <summary>Returns the <see cref="Key"/>.</summary>
    /// <returns>The key.</returns>
    public override string ToString() => Key;
}
