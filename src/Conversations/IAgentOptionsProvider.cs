namespace Conversations;

/// <summary>Finds the options of agents that were not added to <see cref="ConversationOptions"/>, such as those that the users of the host create while it runs.</summary>
/// <remarks>
/// <para>Register it with <c>UseAgentOptions</c>. It is never asked for an agent that was added. Its answers are kept for <see cref="ConversationOptions.AgentOptionsLifetime"/>, those for 1,000 agents at most; that there is no such agent is not kept.
/// Requests that need the same agent at the same time ask once.</para>
/// <para>The implementation must be thread-safe. It runs without the execution context of the request, because its answer is used for others: it must not depend on who asks.</para>
/// </remarks>
public interface IAgentOptionsProvider
{
    /// <summary>Finds the options of an agent.</summary>
    /// <param name="agent">The name of the agent, which can come from a caller. Compare it ordinally.</param>
    /// <param name="cancellationToken">Is cancelled when the manager closes. The token of a request only cancels its own wait.</param>
    /// <returns>The options, which must not be changed afterwards; <see langword="null"/> if there is no such agent. They are validated as those of added agents are, and their <see cref="AgentOptions.PartitionBy"/> must be the default or that of an added agent, so that it is known which conversations a caller reaches.
    /// An exception reaches the requests that wait for the answer. The next request asks again.</returns>
    ValueTask<AgentOptions?> FindAsync(string agent, CancellationToken cancellationToken = default);
}
