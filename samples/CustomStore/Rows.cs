using Conversations;
using Conversations.Storage;

namespace CustomStore;

/// <summary>A conversation as the journal keeps it. Times are ticks in UTC.</summary>
internal sealed record ConversationRow(
    string Id,
    string Session,
    long CreatedAt,
    long LastActivityAt,
    ConversationStatus Status = ConversationStatus.Active,
    long MessageCount = 0,
    long LastPosition = 0,
    string? Title = null,
    long? LastMessageAt = null,
    long? EndedAt = null,
    LeaseRow? Lease = null)
{
    /// <summary>With messages written after its last one; without any, nothing changes.</summary>
    public ConversationRow With(IReadOnlyList<MessageRow> messages, long now) => messages is not [.., var last] ? this : this with
    {
        MessageCount = MessageCount + messages.Count,
        LastPosition = last.Position,
        LastMessageAt = last.CreatedAt,
        LastActivityAt = Math.Max(LastActivityAt, now), // The clock may have been set back [8.2].
    };

    public Conversation ToConversation(ConversationScope scope) => new()
    {
        Id = Id,
        SessionId = Session,
        Project = scope.Project,
        Agent = scope.Agent,
        Channel = scope.Channel,
        UserId = scope.Owner.Identity?.UserId,
        Thread = scope.Owner.Thread,
        Title = Title,
        Status = Status,
        MessageCount = MessageCount,
        LastPosition = LastPosition,
        CreatedAt = Ticks.ToTime(CreatedAt),
        LastActivityAt = Ticks.ToTime(LastActivityAt),
        LastMessageAt = Ticks.ToTime(LastMessageAt),
        EndedAt = Ticks.ToTime(EndedAt),
    };
}

/// <summary>A lease that was not released. It may have expired.</summary>
internal sealed record LeaseRow(long Fence, long ExpiresAt, long Duration)
{
    /// <summary>What is left of it; null if it has expired [4.3], or lies so far ahead that the clock was set back [14.2].</summary>
    public TimeSpan? Left(long now)
    {
        var left = ExpiresAt - now;
        return left > 0 && left - Duration <= Duration ? TimeSpan.FromTicks(left) : null;
    }
}

/// <summary>A run as the journal keeps it.</summary>
internal sealed record RunRow(
    string ConversationId,
    long Number,
    string Caller,
    RunStatus Status,
    long InputPosition,
    int InputCount,
    long StartedAt,
    string? IdempotencyKey = null,
    string? Fingerprint = null,
    long OutputPosition = 0,
    int OutputCount = 0,
    string? Model = null,
    TokenUsage? Usage = null,
    string? Error = null,
    long? EndedAt = null)
{
    public RunRow Interrupt(long now) => Status == RunStatus.Running ? this with { Status = RunStatus.Interrupted, EndedAt = now } : this;

    public ConversationRun ToRun() => new()
    {
        ConversationId = ConversationId,
        Number = Number,
        Status = Status,
        Caller = Caller.Length == 0 ? null : Caller,
        Model = Model,
        Usage = Usage,
        Error = Error,
        IdempotencyKey = IdempotencyKey,
        InputPosition = InputPosition,
        InputCount = InputCount,
        OutputPosition = OutputPosition,
        OutputCount = OutputCount,
        StartedAt = Ticks.ToTime(StartedAt),
        EndedAt = Ticks.ToTime(EndedAt),
    };
}

/// <summary>A message as the journal keeps it.</summary>
internal sealed record MessageRow(
    string ConversationId, long Position, MessageRole Role, long CreatedAt, ContentFormat Format, string Content, long? Run = null, bool IsPartial = false)
{
    public static MessageRow[] From(IReadOnlyList<ConversationMessage> messages, ConversationRow conversation, long? run) =>
    [
        .. messages.Select((message, index) =>
        {
            var (format, content) = MessageContent.Write(message);
            var position = conversation.LastPosition + 1 + index;
            return new MessageRow(conversation.Id, position, message.Role, message.CreatedAt!.Value.UtcTicks, format, content, run, message.IsPartial);
        }),
    ];

    public ConversationMessage ToMessage() => new(Role, MessageContent.Read(Format, Content))
    {
        ConversationId = ConversationId,
        Position = Position,
        RunNumber = Run,
        CreatedAt = Ticks.ToTime(CreatedAt),
        IsPartial = IsPartial,
    };
}

internal static class Ticks
{
    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);

    public static DateTimeOffset? ToTime(long? ticks) => ticks is { } value ? ToTime(value) : null;
}
