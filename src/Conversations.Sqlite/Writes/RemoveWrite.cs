namespace Conversations.Storage;

/// <summary>Removes rows of a conversation that does not exist, as many as one write can [11.1].</summary>
/// <remarks>The result is whether something was due.</remarks>
/// <param name="passedOver">The conversations that are passed over, because their rows cannot be removed.</param>
internal sealed class RemoveWrite(IReadOnlyCollection<long> passedOver) : ISqliteWrite<bool>
{
    public long Size => WriteShare.Bytes;

    /// <summary>Gets the key of the conversation that was due.</summary>
    public long Conversation { get; private set; }

    public Written<bool> Run(SqliteSession session, long now)
    {
        if (Removal.FindDue(session, now, passedOver) is not var (conversation, scope))
            return Written.Nothing(false);

        Conversation = conversation;
        Removal.RemoveSome(session, conversation, scope);
        return Written.Keep(true);
    }
}
