namespace Conversations.Tests.Identity;

/// <summary>The parts of a scope, compared field by field: an oracle that does not depend on the text of a scope.</summary>
internal sealed record ScopeFields
{
    public required string Project { get; init; }

    public required string Agent { get; init; }

    public required string Channel { get; init; }

    public required bool IsShared { get; init; }

    public required string? Thread { get; init; }

    /// <summary>Identity fields in the order in which a caller names them; a <see langword="null"/> is a field that the caller hasn't.</summary>
    public required IReadOnlyList<KeyValuePair<string, string?>> Fields { get; init; }

    public bool HasIdentity => Fields.Any(named => named.Value is not null);

    public ConversationIdentity Identity() =>
        ConversationIdentity.FromFields(Fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Key, field.Value!)));

    public ConversationOwner Owner() => IsShared
        ? ConversationOwner.SharedBy(Fields.Select(field => field.Key), HasIdentity ? Identity() : null, Thread)
        : ConversationOwner.Of(Identity());

    public ConversationScope Scope() => new(Project, Agent, Owner(), IsShared ? null : Channel);

    public bool HasSameIdentityAs(ConversationIdentity other) =>
        SameFields(Fields.Where(field => field.Value is not null), other.Fields.Select(field => KeyValuePair.Create(field.Key, (string?)field.Value)));

    public bool HasSameIdentityAs(ScopeFields other) =>
        SameFields(Fields.Where(field => field.Value is not null), other.Fields.Where(field => field.Value is not null));

    public bool HasSameOwnerAs(ScopeFields other) =>
        IsShared == other.IsShared
        && (IsShared ? SameFields(Fields, other.Fields) && string.Equals(Thread, other.Thread, StringComparison.Ordinal) : HasSameIdentityAs(other));

    public bool HasSameScopeAs(ScopeFields other) =>
        HasSameOwnerAs(other)
        && string.Equals(Project, other.Project, StringComparison.Ordinal)
        && string.Equals(Agent, other.Agent, StringComparison.Ordinal)
        && (IsShared || string.Equals(Channel, other.Channel, StringComparison.Ordinal));

    /// <summary>Whether a scope consists of exactly these fields.</summary>
    public bool IsWhat(ConversationScope scope) =>
        string.Equals(Project, scope.Project, StringComparison.Ordinal)
        && string.Equals(Agent, scope.Agent, StringComparison.Ordinal)
        && string.Equals(IsShared ? null : Channel, scope.Channel, StringComparison.Ordinal)
        && string.Equals(IsShared ? Thread : null, scope.Owner.Thread, StringComparison.Ordinal)
        && (IsShared
            ? scope.Owner.Identity is null && SameFields(Fields, scope.Owner.PartitionBy)
            : HasSameIdentityAs(scope.Owner.Identity!) && scope.Owner.PartitionBy.Count == 0);

    /// <summary>For the report of a failure: long texts are cut.</summary>
    public override string ToString() => string.Join(
        " | ",
        new[] { Project, Agent, Channel, IsShared ? "shared" : "own", Thread }
            .Concat(Fields.SelectMany(field => new[] { field.Key, field.Value }))
            .Select(text => text is null ? "(null)" : text.Length > 60 ? $"{text[..60]}... ({text.Length})" : text));

    private static bool SameFields(IEnumerable<KeyValuePair<string, string?>> one, IEnumerable<KeyValuePair<string, string?>> other)
    {
        var left = one.ToDictionary(StringComparer.Ordinal);
        var right = other.ToDictionary(StringComparer.Ordinal);
        return left.Count == right.Count
            && left.All(field => right.TryGetValue(field.Key, out var value) && string.Equals(field.Value, value, StringComparison.Ordinal));
    }
}
