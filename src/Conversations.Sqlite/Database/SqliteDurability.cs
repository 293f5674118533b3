namespace Conversations.Storage;

/// <summary>What a write survives once it has returned.</summary>
internal enum SqliteDurability
{
    /// <summary>The death of the process; that of the machine once a <see cref="Full"/> write has returned after it.</summary>
    Process,

    /// <summary>The death of the machine.</summary>
    Full,
}
