namespace Conversations.Tests.Manager;

/// <summary>Joins the last summary and the newest words, records its requests, and can be delayed.</summary>
internal sealed class FakeSummarizer : IConversationSummarizer
{
    private const int Longest = 100;

    private readonly List<SummaryRequest> _requests = [];
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _held = Task.CompletedTask;

    public IReadOnlyList<SummaryRequest> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    /// <summary>Ends when it is asked for the first time.</summary>
    public Task Reached => _reached.Task;

    /// <summary>What it returns instead.</summary>
    public Func<SummaryRequest, SummaryResult>? Answer { get; set; }

    /// <summary>Holds it up until the result is disposed.</summary>
    public IDisposable Hold()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = source.Task;
        return new Releaser(source);
    }

    public async Task<SummaryResult> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default)
    {
        lock (_requests)
            _requests.Add(request);
        _reached.TrySetResult();
        await _held.WaitAsync(cancellationToken);
        if (Answer is not null)
            return Answer(request);

        var text = string.Join(' ', [.. new[] { request.PreviousSummary }.OfType<string>(), .. request.Messages.Select(message => message.Text)]);
        return text.Length <= Longest ? text : text[^Longest..];
    }

    private sealed class Releaser(TaskCompletionSource source) : IDisposable
    {
        public void Dispose() => source.TrySetResult();
    }
}
