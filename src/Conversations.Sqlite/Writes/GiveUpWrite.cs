namespace Conversations.Storage;

/// <summary>Lets the messages of a conversation that is not created be removed.</summary>
internal sealed class GiveUpWrite(long key) : ISqliteWrite<bool>
{
    public bool Deletes => true;

    public Written<bool> Run(SqliteSession session, long now) => Removal.TryGiveUp(session, key) ? Written.Keep(true) : Written.Nothing(false);
}
