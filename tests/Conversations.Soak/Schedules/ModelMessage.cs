using Conversations.Storage;

namespace Conversations.Soak.Schedules;

/// <summary>A message as the model holds it.</summary>
internal sealed class ModelMessage(MessageRole role, string content, DateTimeOffset createdAt)
{
    public MessageRole Role { get; } = role;

    /// <summary>The parts as text.</summary>
    public string Content { get; } = content;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public string? Author { get; init; }

    public ModelRun? Run { get; set; }

    public bool IsPartial { get; set; }

    public ModelRun? SupersededBy { get; set; }

    public static ModelMessage Of(ConversationMessage message, DateTimeOffset createdAt, bool isPartial = false) =>
        new(message.Role, ContentOf(message), createdAt) { IsPartial = isPartial };

    public static string ContentOf(ConversationMessage message) => MessageContent.Write(message).Text;

    public ModelMessage Copy() => new(Role, Content, CreatedAt) { Author = Author, IsPartial = IsPartial };
}
