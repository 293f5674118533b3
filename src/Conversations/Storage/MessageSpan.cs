namespace Conversations.Storage;

/// <summary>Messages that stand one after the other.</summary>
/// <param name="Position">The position of the first.</param>
/// <param name="Count">How many; at least 1.</param>
public sealed record MessageSpan(long Position, int Count)
{
    /// <summary>The position of the last.</summary>
    public long End => Position + Count - 1;
}
