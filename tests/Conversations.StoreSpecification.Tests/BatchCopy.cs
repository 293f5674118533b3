using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests;

/// <summary>Copies the lists of a batch, as a store does before it waits [1.1].</summary>
internal static class BatchCopy
{
    public static ConversationBatch Of(ConversationBatch batch) => batch with { Conversations = [.. batch.Conversations.Select(Of)] };

    private static ConversationWrite Of(ConversationWrite write) => write with
    {
        DeletedMessages = [.. write.DeletedMessages],
        Recounts = [.. write.Recounts],
        Superseded = [.. write.Superseded],
        DroppedSegments = [.. write.DroppedSegments],
        Runs = [.. write.Runs],
        Messages = [.. write.Messages],
        Data = [.. write.Data],
        Feedback = [.. write.Feedback],
    };
}
