using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>A copy of what a batch writes to one conversation. Collections are copied before anything is written, so that one that throws while it is enumerated leaves nothing behind.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct EntryWrite(ConversationWrite write)
{
    public StoredConversation Target { get; } = write.Conversation;

    public long? ExpectedToken { get; } = write.ExpectedToken;

    public long[] DeletedMessages { get; } = Copy(write.DeletedMessages);

    public TokenRecount[] Recounts { get; } = Copy(write.Recounts);

    public SupersededChange[] Superseded { get; } = Copy(write.Superseded);

    public long? DropSummariesFrom { get; } = write.DropSummariesFrom;

    public long[] DroppedSegments { get; } = Copy(write.DroppedSegments);

    public StoredRun[] Runs { get; } = Copy(write.Runs);

    public StoredMessage[] Messages { get; } = InOrder(write.Messages);

    public ConversationSummary? Summary { get; } = write.Summary;

    public static EntryWrite[] Of(IReadOnlyList<ConversationWrite> writes)
    {
        var copies = new EntryWrite[writes.Count];
        for (var i = 0; i < copies.Length; i++)
            copies[i] = new EntryWrite(writes[i]);
        return copies;
    }

    // An array is read as it is: what is kept of it are its items, not the array.
    private static T[] Copy<T>(IReadOnlyList<T> items) => items as T[] ?? (items.Count == 0 ? [] : [.. items]);

    private static StoredMessage[] InOrder(IReadOnlyList<StoredMessage> messages)
    {
        var copies = Copy(messages);
        for (var i = 1; i < copies.Length; i++)
        {
            if (copies[i].Position < copies[i - 1].Position)
                return [.. copies.OrderBy(static message => message.Position)];
        }

        return copies;
    }
}
