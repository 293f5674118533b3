using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

internal static class MetadataRewriting
{
    /// <summary>The same message without its own metadata and that of its parts.</summary>
    public static ConversationMessage Bare(this ConversationMessage message) =>
        message.With(part => part.Metadata is null ? part : part with { Metadata = null }) with { Metadata = null };
}

[Breaks("shows a window without metadata", "10.1")]
public sealed class ShowsWindowsWithoutMetadata(TimeProvider clock) : RewritingStore(clock)
{
    public override async ValueTask<IReadOnlyList<ConversationMessage>> ReadWindowAsync(WindowQuery query, CancellationToken cancellationToken = default) =>
        [.. (await base.ReadWindowAsync(query, cancellationToken)).Select(message => message.Bare())];
}

[Breaks("forgets the metadata of what a commit appends", "10.1")]
public sealed class CommitsWithoutMetadata(TimeProvider clock) : RewritingStore(clock)
{
    public override ValueTask<bool> CommitTurnAsync(CommitTurnCommand command, CancellationToken cancellationToken = default) =>
        base.CommitTurnAsync(command with { Messages = [.. command.Messages.Select(message => message.Bare())] }, cancellationToken);
}

[Breaks("forgets the metadata of an input", "10.1")]
public sealed class BeginsWithoutMetadata(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) => command with { Input = [.. command.Input.Select(message => message.Bare())] };
}

[Breaks("forgets the metadata of what is superseded", "10.1")]
public sealed class SupersedesMetadata(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Shown(ConversationMessage message) => message.SupersededBy is null ? message : message.Bare();
}
