namespace Conversations.Tests.History;

/// <summary>What the prompts of conversations cost at a provider with a prompt cache.</summary>
/// <remarks>The model is that of the providers: the beginning that a prompt has in common with the one before it is served from the cache, if it has at least 1,024 tokens, at a tenth of the price.</remarks>
internal sealed class PromptCacheCost
{
    private const int ShortestPrefix = 1_024;
    private const double PriceOfCached = 0.1;

    private IReadOnlyList<ConversationMessage> _last = [];
    private long _tokens;
    private long _cached;

    /// <summary>Whether a prompt exceeded a limit of its agent.</summary>
    public bool ExceedsLimit { get; private set; }

    /// <summary>The inputs that exceed the token limit by themselves, whatever the window is.</summary>
    public int Refused { get; private set; }

    public double Share => _cached / (double)_tokens;

    public double Cost => _tokens - _cached + (PriceOfCached * _cached);

    /// <summary>Has a conversation, and adds its prompts.</summary>
    /// <param name="messages">The messages, without system messages.</param>
    /// <param name="configure">Sets the limits of the agent.</param>
    /// <param name="perResult">Whether the model is asked again after each result of a tool, not only once a turn.</param>
    public async Task AddAsync(IReadOnlyList<ConversationMessage> messages, Action<AgentOptions> configure, bool perResult = false)
    {
        _last = [];
        var limits = new AgentOptions();
        configure(limits);
        await using var store = new InMemoryConversationStore();
        await using var manager = new ConversationManager(store, new ConversationOptions().AddAgent("agent", configure));
        var caller = manager.ForIdentity(ConversationIdentity.ForUser("user"));
        for (var i = 0; i < messages.Count;)
        {
            // What precedes the first user message has no input.
            if (messages[i].Role != MessageRole.User)
            {
                i++;
                continue;
            }

            var input = messages[i];
            var answer = messages.Skip(i + 1).TakeWhile(message => message.Role != MessageRole.User).ToList();
            i += answer.Count + 1;
            try
            {
                await caller.RunTurnAsync(new TurnRequest("agent", input), (turn, _) =>
                {
                    Add(turn, limits);
                    foreach (var message in answer)
                    {
                        turn.Add(message);
                        if (perResult && message.Role == MessageRole.Tool)
                            Add(turn, limits);
                    }

                    return Task.CompletedTask;
                });
            }
            catch (PromptTooLargeException)
            {
                Refused++;
            }
        }
    }

    private void Add(ConversationTurn turn, AgentOptions limits)
    {
        var prompt = turn.Prompt;
        var tokens = prompt.Sum(message => (long)message.Tokens!.Value.Count);
        ExceedsLimit |= turn.Window.MessageCount + turn.Input.Count > limits.HistoryLimit || tokens + PromptCost.OfPrompt > limits.TokenLimit;
        var common = 0L;
        for (var i = 0; i < Math.Min(prompt.Count, _last.Count) && prompt[i].Equals(_last[i]); i++)
            common += prompt[i].Tokens!.Value.Count;
        _tokens += tokens;
        _cached += common >= ShortestPrefix ? common : 0;
        _last = prompt;
    }
}
