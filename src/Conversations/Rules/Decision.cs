using Conversations.Storage;

namespace Conversations;

/// <summary>What a rule decided: the outcome, and what must be written for it to hold.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Batch">The write; null if nothing is written.</param>
internal readonly record struct Decision<T>(T Outcome, ConversationBatch? Batch);

/// <summary>Creates decisions.</summary>
internal static class Decision
{
    public static Decision<T> Nothing<T>(T outcome) => new(outcome, Batch: null);
}
