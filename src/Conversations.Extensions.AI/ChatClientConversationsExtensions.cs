using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Gives chat clients conversations.</summary>
public static class ChatClientConversationsExtensions
{
    /// <summary>Gives a chat client conversations: each request is a turn, whose history the client finds, sends and stores. The caller sends only what is new.</summary>
    /// <param name="innerClient">The client that asks the model. One that calls functions is best given here, so that the turn holds their calls and results, too.</param>
    /// <param name="conversations">The view of one caller (<see cref="ConversationManager.ForIdentity"/>), or the manager: the host's own view, in which each request can name who is speaking (<see cref="ConversationChatOptions.Identity"/>).</param>
    /// <param name="agent">The agent's name.</param>
    /// <param name="options">How it works; <see langword="null"/> for as usual.</param>
    /// <returns>The client.</returns>
    public static ConversationChatClient WithConversations(
        this IChatClient innerClient, ConversationView conversations, string agent, ConversationChatClientOptions? options = null) =>
        new(innerClient, conversations, agent, options);
}
