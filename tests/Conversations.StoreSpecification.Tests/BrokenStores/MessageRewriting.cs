namespace Conversations.StoreSpecification.Tests.BrokenStores;

internal static class MessageRewriting
{
    /// <summary>The same message with other parts.</summary>
    public static ConversationMessage With(this ConversationMessage message, Func<ContentPart, ContentPart> rewrite) =>
        message.WithParts(message.Parts.Select(rewrite));

    public static ConversationMessage WithParts(this ConversationMessage message, IEnumerable<ContentPart> parts) => message.As(message.Role, parts);

    public static ConversationMessage As(this ConversationMessage message, MessageRole role, IEnumerable<ContentPart> parts) => new(role, parts)
    {
        ConversationId = message.ConversationId,
        Position = message.Position,
        RunNumber = message.RunNumber,
        CreatedAt = message.CreatedAt,
        IsPartial = message.IsPartial,
        Tokens = message.Tokens,
        SupersededBy = message.SupersededBy,
        Metadata = message.Metadata,
    };
}
