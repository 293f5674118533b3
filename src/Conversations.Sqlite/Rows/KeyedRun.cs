namespace Conversations.Storage;

/// <summary>The run that has an idempotency key, and its conversation.</summary>
internal sealed record KeyedRun(long Number, RunStatus Status, string? Fingerprint, MessageSpan Input, LeaseState Conversation);
