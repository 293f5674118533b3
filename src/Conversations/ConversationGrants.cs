using System.Text;

namespace Conversations;

/// <summary>What the host grants to the view of a caller, beyond what its identity owns. See <see cref="ConversationManager.ForIdentity"/>.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
public sealed record ConversationGrants
{
    /// <summary>Gets the keys of the threads that the view reaches in every member: it lists their conversations, and reads and writes them by id. The default is none.</summary>
    /// <remarks>A request that names a thread by its key reaches it without a grant.</remarks>
    /// <exception cref="ArgumentException">A key is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public IReadOnlyList<string> Threads
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = Array.AsReadOnly([.. value.Select(static key => WellFormed.Key(key, nameof(Threads)))]);
        }
    } = [];

    /// <summary>Gets whether the view can delete shared conversations, threads, and messages of others in them; otherwise such a deletion throws a <see cref="DeletionForbiddenException"/>. The default is <see langword="false"/>.</summary>
    public bool DeleteShared { get; init; }

    /// <summary>Gets the channels that the requests of the view can name; <see langword="null"/>, the default, for all.</summary>
    /// <exception cref="ArgumentException">A channel is empty or blank, contains a NUL character or is not well-formed UTF-16.</exception>
    public IReadOnlyList<string>? Channels
    {
        get;
        init => field = value is null ? null : Array.AsReadOnly([.. value.Select(static channel => WellFormed.Key(channel, nameof(Channels)))]);
    }

    internal static ConversationGrants None { get; } = new();

    // Prints no key.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Threads.Count} threads, DeleteShared = {DeleteShared}");

    /// <summary>Returns the channel if the view can name it.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal string Allowed(string channel, string parameter) =>
        Channels is null || Channels.Contains(channel, StringComparer.Ordinal)
            ? channel
            : throw new ArgumentException("The channel is not one of those that the host grants to this view (ConversationGrants.Channels).", parameter);
}
