using System.Text.Json.Serialization;
using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>One whole operation, decided: the rows as they are after it. To read the journal is to put them in their places again, in order.</summary>
/// <param name="Operation">What was done, for those who read the file.</param>
internal sealed record JournalLine(string Operation)
{
    public ConversationRow[]? Conversations { get; init; }

    public RunRow[]? Runs { get; init; }

    public MessageRow[]? Messages { get; init; }

    /// <summary>The conversation that its scope points to from now on.</summary>
    public string? Current { get; init; }

    public string? DeletedConversation { get; init; }

    /// <summary>The position of a message of the one conversation in <see cref="Conversations"/>.</summary>
    public long? DeletedMessage { get; init; }
}

/// <summary>A conversation, and its lease until that is released.</summary>
internal sealed record ConversationRow(Conversation Conversation, LeaseRow? Lease = null)
{
    /// <summary>With messages written after its last one; without any, nothing changes.</summary>
    public Conversation With(MessageRow[] messages, DateTimeOffset now) => messages is not [.., var last] ? Conversation : Conversation with
    {
        MessageCount = Conversation.MessageCount + messages.Length,
        LastPosition = last.Position,
        LastMessageAt = last.CreatedAt,
        LastActivityAt = Conversation.LastActivityAt > now ? Conversation.LastActivityAt : now, // The clock may have been set back [8.2].
    };
}

internal sealed record LeaseRow(long Fence, DateTimeOffset ExpiresAt, TimeSpan Duration)
{
    /// <summary>What is left of it; null if it has expired [4.3], or lies so far ahead that the clock was set back [14.2].</summary>
    public TimeSpan? Left(DateTimeOffset now) => ExpiresAt - now is var left && left > TimeSpan.Zero && left - Duration <= Duration ? left : null;
}

internal sealed record RunRow(ConversationRun Run, string? Fingerprint = null)
{
    public RunRow Interrupt(DateTimeOffset now) =>
        Run.Status == RunStatus.Running ? this with { Run = Run with { Status = RunStatus.Interrupted, EndedAt = now } } : this;
}

internal sealed record MessageRow(
    string ConversationId, long Position, MessageRole Role, DateTimeOffset CreatedAt, ContentFormat Format, string Content, long? Run = null, bool IsPartial = false)
{
    public static MessageRow[] From(IReadOnlyList<ConversationMessage> messages, Conversation conversation, long? run = null) =>
        [.. messages.Select((message, index) => From(message, conversation.Id, conversation.LastPosition + 1 + index, run))];

    public ConversationMessage ToMessage() => new(Role, MessageContent.Read(Format, Content))
    {
        ConversationId = ConversationId,
        Position = Position,
        RunNumber = Run,
        CreatedAt = CreatedAt,
        IsPartial = IsPartial,
    };

    private static MessageRow From(ConversationMessage message, string conversationId, long position, long? run)
    {
        var (format, content) = MessageContent.Write(message);
        return new MessageRow(conversationId, position, message.Role, message.CreatedAt!.Value.ToUniversalTime(), format, content, run, message.IsPartial);
    }
}

/// <summary>How a line is written. What is missing or unknown is damage: what is left out in silence when reading is lost.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext;
