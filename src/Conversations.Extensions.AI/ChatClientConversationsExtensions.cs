using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Extension methods that add conversations to chat clients.</summary>
public static class ChatClientConversationsExtensions
{
    /// <summary>Returns a chat client that runs each request as a turn. The client finds, sends and stores the history; the caller sends new messages only.</summary>
    /// <param name="innerClient">The client that calls the model. Pass a client that invokes functions, so that the turn contains their calls and results.</param>
    /// <param name="conversations">The view of one caller (<see cref="ConversationManager.ForIdentity"/>), or the manager: the view of the host, for which each request can name the caller (<see cref="ConversationChatOptions.Identity"/>).</param>
    /// <param name="agent">The name of the agent.</param>
    /// <param name="options">The options of the client; <see langword="null"/> for the defaults.</param>
    /// <param name="logger">Where the client logs; <see langword="null"/> for nowhere.</param>
    /// <returns>The client.</returns>
    public static ConversationChatClient WithConversations(
        this IChatClient innerClient, ConversationView conversations, string agent, ConversationChatClientOptions? options = null, ILogger<ConversationChatClient>? logger = null) =>
        new(innerClient, conversations, agent, options, logger);
}
