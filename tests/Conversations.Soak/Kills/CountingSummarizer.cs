using System.Globalization;

namespace Conversations.Soak.Kills;

/// <summary>Summarizes messages by their number, so that a summary can be checked.</summary>
internal sealed class CountingSummarizer(Action? atWork = null) : IConversationSummarizer
{
    public Task<SummaryResult> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default)
    {
        atWork?.Invoke();
        var before = request.PreviousSummary is { } previous ? int.Parse(previous, CultureInfo.InvariantCulture) : 0;
        return Task.FromResult<SummaryResult>((before + request.Messages.Count).ToString(CultureInfo.InvariantCulture));
    }

    public static ConversationOptions Options(Action? atWork = null) => Agents.Options(agent =>
    {
        agent.HistoryLimit = 4;
        agent.SummaryThreshold = 2;
        agent.Summarizer = new CountingSummarizer(atWork);
    });
}
