using System.Text;

namespace Conversations.Storage;

/// <summary>A conditional write: all of it is applied, or nothing [2].</summary>
/// <remarks>All its conversations, and the pointer, belong to one scope.</remarks>
public sealed record ConversationBatch
{
    /// <summary>Gets what the caller can reach. It applies to conversations that exist; it does not limit where a new one is created [8].</summary>
    public required ConversationAccess Access { get; init; }

    /// <summary>Gets the scope of new conversations and of <see cref="PointerChange"/>; <see langword="null"/> if the batch has neither.</summary>
    public ConversationScope? Scope { get; init; }

    /// <summary>Gets the conversations to write; at least one, none twice.</summary>
    public required IReadOnlyList<ConversationWrite> Conversations { get; init; }

    /// <summary>Gets the change of the scope's current conversation; <see langword="null"/> to leave it.</summary>
    public PointerChange? PointerChange { get; init; }

    /// <summary>Gets what the write must survive when the call returns.</summary>
    public required WriteDurability Durability { get; init; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, string.Join(' ', Conversations.Select(write => write.Conversation.Conversation.Id)));
}

/// <summary>A change of the conversation to which a scope points.</summary>
public sealed record PointerChange
{
    /// <summary>Creates a change.</summary>
    /// <param name="expected">The id of the conversation to which the scope must point; <see langword="null"/> if it must point to none.</param>
    /// <param name="current">The id of the conversation to which it points afterwards.</param>
    public PointerChange(string? expected, string current)
    {
        Expected = expected;
        Current = current;
    }

    /// <summary>Gets the id of the conversation to which the scope must point; <see langword="null"/> if it must point to none.</summary>
    public string? Expected { get; init; }

    /// <summary>Gets the id of the conversation to which the scope points afterwards. It may be one that the batch creates.</summary>
    public string Current { get; init; }
}

/// <summary>Specifies what a write must survive.</summary>
public enum WriteDurability
{
    /// <summary>The death of the process. The write also survives the death of the machine once a later write of the same store with <see cref="Disk"/> has returned.</summary>
    Process,

    /// <summary>The death of the machine.</summary>
    Disk,
}
