using System.Collections.ObjectModel;

namespace Conversations.Storage;

/// <summary>Specifies what a caller can reach. Every statement of a store that touches a conversation by id names it [8.1]: a conversation out of reach does not exist for that caller.</summary>
public sealed record ConversationAccess
{
    /// <summary>Creates an access.</summary>
    /// <param name="project">The project.</param>
    /// <param name="audiences">The values of <see cref="ConversationOwner.Audience"/> that the caller can reach; <see langword="null"/> for the host, which can reach the whole project.</param>
    public ConversationAccess(string project, IReadOnlyList<string>? audiences)
    {
        Project = project;
        Audiences = audiences;
    }

    /// <summary>Gets the project.</summary>
    public string Project { get; init; }

    /// <summary>Gets the values of <see cref="ConversationOwner.Audience"/> that the caller can reach, compared ordinally; <see langword="null"/> for the host, which can reach the whole project. The collection is copied and never changes.</summary>
    public IReadOnlyList<string>? Audiences { get; init => field = Copy(value); }

    /// <summary>Returns the access of the host, and of a command that names a scope: a scope states its owner itself [2.1, 2.8].</summary>
    internal static ConversationAccess Host(string project) => new(project, audiences: null);

    /// <summary>Returns the access with the audience of a scope that a request names.</summary>
    internal ConversationAccess Including(ConversationScope scope) => Reaches(scope) ? this : this with { Audiences = [.. Audiences!, scope.Owner.Audience] };

    /// <summary>Determines whether the caller can reach what belongs to a scope.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns><see langword="true"/> if the project is the same and the scope's audience is among <see cref="Audiences"/>.</returns>
    public bool Reaches(ConversationScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (!string.Equals(Project, scope.Project, StringComparison.Ordinal))
            return false;
        if (Audiences is null)
            return true;

        for (var i = 0; i < Audiences.Count; i++)
        {
            if (string.Equals(Audiences[i], scope.Owner.Audience, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static ReadOnlyCollection<string>? Copy(IReadOnlyList<string>? audiences) => audiences is null ? null : Array.AsReadOnly([.. audiences]);
}
