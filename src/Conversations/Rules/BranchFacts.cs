using System.Runtime.InteropServices;
using Conversations.Storage;

namespace Conversations;

/// <summary>What superseding and restoring depend on: the messages that may change, all other messages of their runs, and those runs.</summary>
/// <param name="Messages">The messages, by position.</param>
/// <param name="Runs">The closed runs that wrote messages which may change.</param>
/// <param name="RestoreFrom">From which position on the run to undo superseded messages.</param>
internal sealed record BranchFacts(IReadOnlyCollection<MessageMark> Messages, IReadOnlyCollection<StoredRun> Runs, long RestoreFrom);

/// <summary>What matters of a message when branches change.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MessageMark(long Position, long? RunNumber, long? SupersededBy)
{
    public static MessageMark Of(StoredMessage message) => new(message.Position, message.RunNumber, message.SupersededBy);
}
