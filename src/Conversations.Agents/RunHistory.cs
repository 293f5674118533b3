using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The history provider of one run whose messages contain the history already. It only remembers what an agent that keeps its history for each call of the model does not send again.</summary>
internal sealed class RunHistory : ChatHistoryProvider
{
    private readonly List<ChatMessage> _earlier = [];

    public override IReadOnlyList<string> StateKeys => [];

    protected override ValueTask<IEnumerable<ChatMessage>> InvokingCoreAsync(InvokingContext context, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IEnumerable<ChatMessage>>([.. _earlier, .. context.RequestMessages]);

    protected override ValueTask InvokedCoreAsync(InvokedContext context, CancellationToken cancellationToken = default)
    {
        if (context.ResponseMessages is not null)
            _earlier.AddRange([.. context.RequestMessages, .. context.ResponseMessages]);
        return ValueTask.CompletedTask;
    }
}
