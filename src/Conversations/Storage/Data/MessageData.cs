using System.Text;

namespace Conversations.Storage;

/// <summary>Data of a message in the same write that are kept beside it [15].</summary>
public sealed record MessageData
{
    /// <summary>Creates data that the message brings.</summary>
    /// <param name="position">The position of the message.</param>
    /// <param name="hash">The hash of the data, as in <see cref="DataPart.Hash"/>.</param>
    /// <param name="bytes">The bytes, which never change.</param>
    public MessageData(long position, string hash, ReadOnlyMemory<byte> bytes)
        : this(position, hash)
    {
        Bytes = bytes;
        IsCopy = false;
    }

    /// <summary>Creates data that the message has in common with another message of its scope, of which it is a copy.</summary>
    /// <param name="position">The position of the message.</param>
    /// <param name="hash">The hash of the data, as in <see cref="DataPart.Hash"/>.</param>
    public MessageData(long position, string hash)
    {
        Position = position;
        Hash = hash;
        IsCopy = true;
    }

    /// <summary>Gets the position of the message.</summary>
    public long Position { get; }

    /// <summary>Gets the hash of the data, as in <see cref="DataPart.Hash"/>.</summary>
    public string Hash { get; }

    /// <summary>Gets whether another message of the scope has the data, so that <see cref="Bytes"/> is empty.</summary>
    public bool IsCopy { get; }

    /// <summary>Gets the bytes; empty for a copy.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, $"{Position}");
}
