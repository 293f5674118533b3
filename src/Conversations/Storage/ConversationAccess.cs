namespace Conversations.Storage;

/// <summary>What a caller reaches. Every statement of a store that touches a conversation names it (rule 16.1): a conversation outside it does not exist.</summary>
/// <param name="Project">The project.</param>
/// <param name="Audiences">The values of <see cref="ConversationOwner.Audience"/> that the caller reaches, compared ordinally; <see langword="null"/> for the host, which reaches all of the project.</param>
public sealed record ConversationAccess(string Project, IReadOnlyList<string>? Audiences)
{
    /// <summary>Whether it reaches what belongs to a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns><see langword="true"/> if the project is the same and the scope's audience is among <see cref="Audiences"/>.</returns>
    public bool Reaches(ConversationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return string.Equals(Project, scope.Project, StringComparison.Ordinal)
            && (Audiences is null || Audiences.Contains(scope.Owner.Audience, StringComparer.Ordinal));
    }
}
