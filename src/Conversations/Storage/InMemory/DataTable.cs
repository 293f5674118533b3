using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>The data that are kept beside the messages of one scope: once for each hash, until the last message that has them is deleted. Used under the gate of the scope.</summary>
internal sealed class DataTable
{
    // Created with the first data: most scopes have none.
    private Dictionary<string, Kept>? _kept;

    /// <summary>Reads data that a message has.</summary>
    public byte[] Read(string hash) => _kept![hash].Bytes.ToArray();

    /// <summary>Returns whether the data of copied messages exist, or are brought by a message before the copy.</summary>
    public bool Has(EntryWrite[] writes)
    {
        HashSet<string>? brought = null;
        foreach (var write in writes)
        {
            foreach (var data in write.Data)
            {
                if (!data.IsCopy)
                    (brought ??= new(StringComparer.Ordinal)).Add(data.Hash);
                else if (_kept?.ContainsKey(data.Hash) != true && brought?.Contains(data.Hash) != true)
                    return false;
            }
        }

        return true;
    }

    /// <summary>Adds data of a message that has been appended.</summary>
    public void Add(MessageData data)
    {
        ref var kept = ref CollectionsMarshal.GetValueRefOrAddDefault(_kept ??= new(StringComparer.Ordinal), data.Hash, out var exists);
        kept = new Kept(exists ? kept.Bytes : data.Bytes, kept.Messages + 1);
    }

    /// <summary>Releases the data of a message that was deleted.</summary>
    public void Release(StoredMessage? message)
    {
        if (_kept is null || message is null)
            return;

        foreach (var hash in BesideData.HashesOf(message))
        {
            var kept = _kept[hash];
            if (kept.Messages > 1)
                _kept[hash] = kept with { Messages = kept.Messages - 1 };
            else
                _kept.Remove(hash);
        }
    }

    /// <summary>Releases the data of all messages of a conversation that was deleted.</summary>
    public void Release(ConversationEntry conversation)
    {
        if (_kept is not { Count: > 0 })
            return;

        foreach (var message in conversation.Messages.All)
            Release(message);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Kept(ReadOnlyMemory<byte> Bytes, int Messages);
}
