using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests.Golden;

/// <summary>What the older versions said of the conversations in their databases.</summary>
internal static class Olders
{
    public static IReadOnlyList<int> Versions { get; } = [1, 2, 3, 4];

    public static IReadOnlyList<OlderConversation> Of(int version) => version switch
    {
        1 => Version1.Conversations,
        2 => Version2.Conversations,
        3 => Version3.Conversations,
        _ => Version4.Conversations,
    };

    /// <summary>An empty conversation of the scope with a session id.</summary>
    public static Conversation Conversation(string id, string sessionId, DateTimeOffset createdAt)
    {
        var scope = ConversationScope.Parse(sessionId);
        return new Conversation
        {
            Id = id,
            SessionId = sessionId,
            Project = scope.Project,
            Agent = scope.Agent,
            Channel = scope.Channel,
            UserId = scope.Owner.Identity?.UserId,
            Thread = scope.Owner.Thread,
            CreatedAt = createdAt,
            LastActivityAt = createdAt,
        };
    }
}
