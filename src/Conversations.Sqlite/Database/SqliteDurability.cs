namespace Conversations.Storage;

/// <summary>Specifies what a write survives after it has returned.</summary>
internal enum SqliteDurability
{
    /// <summary>The death of the process. The write also survives the death of the machine once a later <see cref="Full"/> write has returned.</summary>
    Process,

    /// <summary>The death of the machine.</summary>
    Full,
}
