using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>A history provider that stores conversations: a turn begins before the agent calls the model, and is committed with its answer.</summary>
/// <remarks>
/// <para>A session is a conversation, as for <see cref="ConversationAgent"/>. What a history provider does not see is not recorded: usage, and the output of a stream before its end. If a reader leaves a stream, the agent does not tell:
/// the conversation remains locked until <see cref="AgentOptions.MaxTurnDuration"/> or <see cref="ConversationView.StopAsync"/>. Use <see cref="ConversationAgent"/> for streams.</para>
/// <para>Thread-safe.</para>
/// </remarks>
public sealed class ConversationChatHistoryProvider : ChatHistoryProvider
{
    private readonly ConditionalWeakTable<AgentSession, StrongBox<ImmutableList<OpenRun>>> _open = [];
    private readonly string _source = typeof(ConversationChatHistoryProvider).FullName!;

    /// <summary>Initializes a provider; see <see cref="ConversationAgentExtensions.AsChatHistoryProvider"/>.</summary>
    /// <param name="conversations">The view of one caller, or the manager.</param>
    /// <param name="agent">The name of the agent in the options of the manager.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The name of the agent is empty or blank.</exception>
    public ConversationChatHistoryProvider(ConversationView conversations, string agent, ConversationAgentOptions? options = null) => Turns = new SessionTurns(conversations, agent, options);

    /// <summary>Gets the keys of the state in a session: one, for the id of the conversation.</summary>
    public override IReadOnlyList<string> StateKeys { get; } = [SessionState.Key];

    internal SessionTurns Turns { get; }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(SessionTurns) ? Turns : base.GetService(serviceType, serviceKey);

    /// <summary>Begins a turn.</summary>
    /// <param name="context">The run of the agent.</param>
    /// <param name="cancellationToken">Cancels the wait for the conversation, and the turn.</param>
    /// <returns>The prompt: the history that fits, and the new messages.</returns>
    /// <exception cref="ConversationException">The turn could not begin.</exception>
    /// <exception cref="InvalidOperationException">The run has no session, or the input answers some of the requests for approvals of one answer and not all.</exception>
    protected override async ValueTask<IEnumerable<ChatMessage>> InvokingCoreAsync(InvokingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var session = SessionOf(context.Session);
        var chat = context.Agent.GetService<ChatOptions>();
        var (input, options) = await Turns.ReadAsync(session, context.RequestMessages, chat, cancellationToken).ConfigureAwait(false);
        var view = Turns.ViewOf(options.Identity);
        input = input with { Messages = await OpenRequests.NamedAsync(view, session.GetConversationId(), input.Messages, cancellationToken).ConfigureAwait(false) };
        var metadata = context.Agent.GetService<IChatClient>()?.GetService<ChatClientMetadata>();
        var (run, prompt) = await OpenRun.BeginAsync(Turns, input, options, AIAgent.CurrentRunContext, metadata, cancellationToken).ConfigureAwait(false);
        Change(session, open => open.RemoveAll(static other => other.IsOver).Add(run));
        var last = prompt.Select(static message => message.Role).ToList().FindLastIndex(static role => role != ChatRole.User && role != ChatRole.Tool);
        var shown = prompt.Select((message, i) => i <= last ? message.WithAgentRequestMessageSource(AgentRequestMessageSourceType.ChatHistory, _source) : message);
        return ConversationChatPrompt.Append(shown, input.Context);
    }

    /// <summary>Commits the turn, or records that the agent failed.</summary>
    /// <param name="context">The run of the agent.</param>
    /// <param name="cancellationToken">Has no effect: an answer that is complete is stored.</param>
    /// <returns>A task that completes when the answer is stored.</returns>
    /// <exception cref="ConversationException">The turn could not be committed.</exception>
    protected override async ValueTask InvokedCoreAsync(InvokedContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var session = SessionOf(context.Session);
        if (Take(session) is not { } run)
            return;

        if (context.InvokeException is { } cause)
        {
            await run.FailAsync(cause).ConfigureAwait(false);
            return;
        }

        var response = await run.CommitAsync(new ChatResponse([.. context.ResponseMessages ?? []])).ConfigureAwait(false);
        SessionTurns.Note(session, response.ConversationId);
    }

    private static AgentSession SessionOf(AgentSession? session) => session ?? throw new InvalidOperationException("The run has no session. Create one with CreateSessionAsync, and pass it to the run.");

    private void Change(AgentSession session, Func<ImmutableList<OpenRun>, ImmutableList<OpenRun>> change)
    {
        var open = _open.GetValue(session, static _ => new StrongBox<ImmutableList<OpenRun>>([]));
        ImmutableInterlocked.Update(ref open.Value!, change);
    }

    /// <summary>Returns the turn of the current run, which is not over; null if it did not begin. Several runs of one session differ in the context in which they run; a session that the agent created itself has one run.</summary>
    private OpenRun? Take(AgentSession session)
    {
        if (!_open.TryGetValue(session, out var box))
            return null;

        var open = box.Value!;
        var run = open.Find(static run => ReferenceEquals(run.Run, AIAgent.CurrentRunContext)) ?? (open.Count == 1 ? open[0] : null);
        if (run is not null)
            Change(session, list => list.Remove(run));
        return run;
    }
}
