using System.Text.Json;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

[Breaks("writes a raw part anew, so that white space and numbers change", "10.1")]
public sealed class ReformatsRawParts(TimeProvider clock) : RewritingStore(clock)
{
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 512 };

    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is RawPart raw ? new RawPart(JsonSerializer.Serialize(JsonSerializer.Deserialize<JsonElement>(raw.Json, Deep), Deep)) : part);
}

[Breaks("drops parts that it does not know where there are others", "10.1")]
public sealed class DropsRawParts(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.Parts.All(part => part is RawPart) ? message : message.WithParts(message.Parts.Where(part => part is not RawPart));
}

[Breaks("puts the parts of a message in another order", "10.1")]
public sealed class SortsParts(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.WithParts(message.Parts.OrderBy(part => part.GetType().Name, StringComparer.Ordinal));
}

[Breaks("forgets that a message is partial", "10.1")]
public sealed class ForgetsPartiality(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) => message with { IsPartial = false };
}

[Breaks("takes a tool for the assistant", "10.1")]
public sealed class ForgetsTheToolRole(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.Role == MessageRole.Tool ? message.As(MessageRole.Assistant, message.Parts) : message;
}

[Breaks("forgets that a result is an error", "10.1")]
public sealed class ForgetsThatAResultIsAnError(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is ToolResultPart result ? result with { IsError = false } : part);
}

[Breaks("forgets the code of an error", "10.1")]
public sealed class ForgetsTheCodeOfAnError(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is ErrorPart error ? error with { Code = null } : part);
}

[Breaks("forgets what reasoning has protected", "10.1")]
public sealed class ForgetsProtectedData(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is ReasoningPart reasoning ? reasoning with { ProtectedData = null } : part);
}

[Breaks("forgets the metadata of a message", "10.1")]
public sealed class ForgetsTheMetadataOfAMessage(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) => message with { Metadata = null };
}

[Breaks("forgets the metadata of a text", "10.1")]
public sealed class ForgetsTheMetadataOfAText(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is TextPart text ? text with { Metadata = null } : part);
}

[Breaks("takes its own time for that of a message", "10.1", "9.2")]
public sealed class TimesMessagesItself(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) => message with { CreatedAt = Now };
}

[Breaks("keeps one call of an id in a message", "11.1")]
public sealed class KeepsOneCallOfAnId(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationMessage Written(ConversationMessage message) =>
        message.WithParts(message.Parts.DistinctBy(part => part is ToolCallPart call ? call.CallId : (object)part));
}

[Breaks("gives a call whose id came before another id", "11.1")]
public sealed class MakesCallIdsUnique(TimeProvider clock) : RewritingStore(clock)
{
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is ToolCallPart call && !_ids.Add(call.CallId) ? new ToolCallPart(call.CallId + "_2", call.Name, call.Arguments) : part);
}

[Breaks("keeps the run that a message names, which is of another conversation", "10.1")]
public sealed class KeepsTheRunThatAMessageNames(TimeProvider clock) : RewritingStore(clock)
{
    private long? _named;

    protected override ConversationMessage Written(ConversationMessage message)
    {
        _named ??= message.RunNumber;
        return message;
    }

    protected override ConversationMessage Shown(ConversationMessage message) => message with { RunNumber = message.RunNumber ?? _named };
}
