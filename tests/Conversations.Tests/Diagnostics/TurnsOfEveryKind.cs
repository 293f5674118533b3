using Conversations.StoreSpecification;
using Conversations.Tests.Manager;
using Conversations.Tests.Turns;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Diagnostics;

/// <summary>Runs turns of every kind and with every end. All contain the same text: as input, answer, arguments, summary, and in exceptions of the host.</summary>
internal sealed class TurnsOfEveryKind : IAsyncDisposable
{
    private static readonly BusyPolicy Wait = BusyPolicy.Wait(TimeSpan.FromMinutes(5));

    private readonly string _agent;
    private readonly string _text;
    private readonly ManualTimeProvider _time;
    private readonly FaultyStore _store;
    private readonly ILogger<ConversationManager> _logger;
    private readonly TelemetryWatch _watch;
    private readonly FakeSummarizer _summarizer = new();
    private readonly ConversationManager _manager;
    private readonly List<Exception> _thrown = [];

    public TurnsOfEveryKind(FaultyStore store, ManualTimeProvider time, ILogger<ConversationManager> logger, TelemetryWatch watch, string agent, string text, bool recordContent = false)
    {
        _agent = agent;
        _text = text;
        _time = time;
        _store = store;
        _logger = logger;
        _watch = watch;
        var options = new ConversationOptions { RecordContent = recordContent }
            .AddAgent(agent, options =>
            {
                options.SystemPrompt = $"You know {text}.";
                options.HistoryLimit = 4;
                options.TokenLimit = 2000;
                options.Summarizer = _summarizer;
                options.SummaryThreshold = 2;
            });
        _manager = new ConversationManager(_store, options, time, logger);
    }

    public ValueTask DisposeAsync() => _manager.DisposeAsync();

    /// <summary>The exceptions of the library, without those of the host.</summary>
    public IReadOnlyList<Exception> Thrown => _thrown;

    private ScopedConversations Alice => _manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task RunAsync()
    {
        await RunWellAsync();
        await RunToolsAsync();
        await RunStreamsAsync();
        await ReasonAsync();
        await FailAsync();
        await FailToCountAsync();
        await RepeatAsync();
        await WaitForOthersAsync();
        await LoseAsync();
        await RefuseAsync();
        await FailInTheStoreAsync();
        await SummarizeAsync();
        await _manager.RunTurnAsync(new TurnRequest(_agent, _text), Say, Cancellation); // There is no identity, so nothing is stored.
        await TryAsync(() => _manager.RunTurnAsync(new TurnRequest(_agent, _text), Throw, Cancellation));
    }

    private Task Say(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Model = "model-1";
        turn.FinishReason = "stop";
        turn.Usage = new TokenUsage { InputTokens = 100, OutputTokens = 10, CachedInputTokens = 50, CacheWriteInputTokens = 20, ReasoningTokens = 4 };
        turn.Add(ConversationMessage.Assistant($"You wrote {_text}."));
        return Task.CompletedTask;
    }

    private Task Throw(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(ConversationMessage.Assistant($"You wrote {_text}"));
        throw new InvalidOperationException($"The model did not like '{_text}'.");
    }

    private TurnRequest Request(string? key = null) => new(_agent, _text) { IdempotencyKey = key };

    private async Task RunWellAsync()
    {
        for (var i = 0; i < 4; i++)
            await Alice.RunTurnAsync(Request(), Say, Cancellation);
        var result = await Alice.RunTurnAsync(Request(), Say, Cancellation);
        await Alice.RegenerateAsync(result.ReplyMessageId!, Say, Cancellation);
        await Alice.RestoreAsync(result.ReplyMessageId!, cancellationToken: Cancellation);
        await using var byHand = await Alice.BeginTurnAsync(Request(), Cancellation);
        byHand.Add(ConversationMessage.Error($"Unknown: {_text}.", "NOT_KNOWN"));
        await byHand.CommitAsync(Cancellation);
        await _manager.WaitForSummariesAsync(Cancellation);
    }

    private async Task RunToolsAsync()
    {
        await Alice.RunTurnAsync(
            Request(),
            (turn, _) =>
            {
                turn.Add(ConversationMessage.ToolCall("call_1", "look_up", $$"""{"what":"{{_text}}"}"""));
                return Task.CompletedTask;
            },
            Cancellation);
        await TryAsync(() => Alice.RunTurnAsync(new TurnRequest(_agent, ConversationMessage.ToolResult("call_2", _text)), Say, Cancellation));
        await Alice.RunTurnAsync(new TurnRequest(_agent, ConversationMessage.ToolResult("call_1", _text)), Say, Cancellation);
    }

    private async Task RunStreamsAsync()
    {
        await Alice.RunTurnAsync(Request(), async (turn, token) => await turn.StreamAsync(Pieces(fails: false), token).CountAsync(token), Cancellation);
        await TryAsync(() => Alice.RunTurnAsync(Request(), async (turn, token) => await turn.StreamAsync(Pieces(fails: true), token).CountAsync(token), Cancellation));
    }

    private async Task ReasonAsync()
    {
        var metadata = $$"""{"text":"{{_text}}"}""";
        var thought = new ReasoningPart(_text) { ProtectedData = _text, Metadata = metadata };
        var input = new ConversationMessage(MessageRole.User, new TextPart(_text) { Metadata = metadata }) { Metadata = metadata };
        await Alice.RunTurnAsync(
            new TurnRequest(_agent, input),
            (turn, token) =>
            {
                turn.Add(new ConversationMessage(MessageRole.Assistant, thought, new TextPart(_text) { Metadata = metadata }) { Metadata = metadata });
                return Say(turn, token);
            },
            Cancellation);
        await Alice.RunTurnAsync(Request(), async (turn, token) => await turn.StreamAsync(Thoughts(thought), part => new ConversationMessage(MessageRole.Assistant, part), cancellationToken: token).CountAsync(token), Cancellation);
    }

    private async Task FailToCountAsync()
    {
        var options = new ConversationOptions().AddAgent(_agent, agent => agent.TokenCounter = TokenCounter.Create("throws", ThrowAt));
        var manager = new ConversationManager(_store, options, _time, _logger);
        await TryAsync(() => manager.ForIdentity(ConversationIdentity.ForUser("alice")).RunTurnAsync(Request(), Say, Cancellation));
        await TryAsync(() => manager.ForIdentity(ConversationIdentity.ForUser("bob")).RunTurnAsync(Request("key-4"), Say, Cancellation));
    }

    private int ThrowAt(string text) => throw new InvalidOperationException($"There is no token for '{text}'.");

    private static async IAsyncEnumerable<ContentPart> Thoughts(ReasoningPart thought)
    {
        yield return new ReasoningPart(thought.Text);
        yield return thought;
        await Task.CompletedTask;
    }

    private async Task FailAsync()
    {
        await TryAsync(() => Alice.RunTurnAsync(Request(), Throw, Cancellation));
        using var cancelled = new CancellationTokenSource();
        await TryAsync(() => Alice.RunTurnAsync(
            Request(),
            async (turn, token) =>
            {
                turn.Add(ConversationMessage.Assistant(_text));
                await cancelled.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
            cancelled.Token));
        await using (await Alice.BeginTurnAsync(Request(), Cancellation))
        {
            // It is disposed without a commit.
        }
    }

    private async Task RepeatAsync()
    {
        await TryAsync(() => Alice.RunTurnAsync(Request("key-1"), Throw, Cancellation));
        await Alice.RunTurnAsync(Request("key-1"), Say, Cancellation);
        await Alice.RunTurnAsync(Request("key-1"), Say, Cancellation);
        await TryAsync(() => Alice.RunTurnAsync(new TurnRequest(_agent, $"not {_text}") { IdempotencyKey = "key-1" }, Say, Cancellation));
    }

    private async Task WaitForOthersAsync()
    {
        var holder = await Alice.BeginTurnAsync(Request("key-2"), Cancellation);
        await TryAsync(() => Alice.RunTurnAsync(Request(), Say, Cancellation));
        await TryAsync(() => Alice.RunTurnAsync(Request("key-2"), Say, Cancellation));
        var waiting = Alice.RunTurnAsync(Request() with { OnBusy = Wait }, Say, Cancellation);
        await _watch.UntilWaitingAsync(_agent, 1);
        await holder.CommitAsync(Cancellation);
        await waiting;

        holder = await Alice.BeginTurnAsync(Request("key-3"), Cancellation);
        var repeated = Alice.RunTurnAsync(Request("key-3") with { OnBusy = Wait }, Say, Cancellation);
        await _watch.UntilWaitingAsync(_agent, 2);
        using var cancelled = new CancellationTokenSource();
        var given = TryAsync(() => Alice.RunTurnAsync(Request() with { OnBusy = Wait }, Say, cancelled.Token));
        await _watch.UntilWaitingAsync(_agent, 3);
        await cancelled.CancelAsync();
        await given;
        var impatient = TryAsync(() => Alice.RunTurnAsync(Request() with { OnBusy = BusyPolicy.Wait(TimeSpan.FromSeconds(1)) }, Say, Cancellation));
        await _watch.UntilWaitingAsync(_agent, 4);
        _time.Advance(TimeSpan.FromSeconds(2));
        await impatient;
        await holder.CommitAsync(Cancellation);
        await repeated;
    }

    private async Task LoseAsync()
    {
        await TryAsync(() => Alice.RunTurnAsync(
            Request(),
            async (turn, token) =>
            {
                turn.Add(ConversationMessage.Assistant(_text));
                await _manager.DeleteAsync(turn.ConversationId!, Cancellation);
                _time.Advance(TimeSpan.FromSeconds(10));
                await new TaskCompletionSource().Task.WaitAsync(token);
            },
            Cancellation));
        await TryAsync(() => Alice.RunTurnAsync(
            Request(),
            async (turn, token) =>
            {
                await Say(turn, token);
                await _manager.DeleteAsync(turn.ConversationId!, Cancellation);
            },
            Cancellation));
    }

    private async Task RefuseAsync()
    {
        await TryAsync(() => Alice.RunTurnAsync(new TurnRequest(_agent, string.Join(' ', Enumerable.Repeat(_text, 2000))), Say, Cancellation));
        await TryAsync(() => Alice.RunTurnAsync(Request() with { ConversationId = "conv_unknown" }, Say, Cancellation));
        await TryAsync(() => Alice.RunTurnAsync(
            Request(), async (_, token) => await Alice.RunTurnAsync(Request() with { OnBusy = Wait }, Say, token), Cancellation));
        await TryAsync(() => Alice.RunTurnAsync(
            Request(),
            (turn, _) =>
            {
                turn.Add(ConversationMessage.User(_text));
                return Task.CompletedTask;
            },
            Cancellation));
        await TryAsync(() => Task.FromResult(new RawPart($$"""{"text":"{{_text}}"}""")));
    }

    private async Task FailInTheStoreAsync()
    {
        var answered = await Alice.RunTurnAsync(Request(), Say, Cancellation);
        _store.OnReadWindow = new ConversationStoreException(ConversationErrorCodes.StoreCorrupt, "It is damaged.");
        await TryAsync(() => Alice.RegenerateAsync(answered.ReplyMessageId!, Say, Cancellation));
        _store.OnReadWindow = null;
        _store.OnCommit = _ => throw new ConversationStoreException(ConversationErrorCodes.StoreFull, "It is full.");
        await TryAsync(() => Alice.RunTurnAsync(Request(), Say, Cancellation));
        _store.OnCommit = null;
        _time.Advance(TimeSpan.FromMinutes(2)); // The conversation was not released.
    }

    private async Task SummarizeAsync()
    {
        _summarizer.Answer = _ => throw new InvalidOperationException($"The model did not like '{_text}'.");
        await TalkAsync();
        _summarizer.Answer = _ => " ";
        await TalkAsync();
        _summarizer.Answer = _ => string.Join(' ', Enumerable.Repeat(_text, 1000));
        await TalkAsync();
        _summarizer.Answer = _ => new SummaryResult(_text) { Model = "model-2", Usage = new TokenUsage { InputTokens = 70, OutputTokens = 7, CachedInputTokens = 30, CacheWriteInputTokens = 20, ReasoningTokens = 4 } };
        await TalkAsync();
    }

    private async Task TalkAsync()
    {
        for (var i = 0; i < 4; i++)
            await Alice.RunTurnAsync(Request(), Say, Cancellation);
        await _manager.WaitForSummariesAsync(Cancellation);
    }

    private async Task TryAsync<T>(Func<Task<T>> act)
    {
        var failing = () => act();
        var exception = (await failing.Should().ThrowAsync<Exception>()).Which;
        if (exception.StackTrace?.Contains($"{nameof(TurnsOfEveryKind)}.{nameof(Throw)}", StringComparison.Ordinal) != true && exception is not TimeoutException)
            _thrown.Add(exception);
    }

    private async IAsyncEnumerable<string> Pieces(bool fails)
    {
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            yield return $"{_text} ";
        }

        await Task.CompletedTask;
        if (fails)
            throw new TimeoutException($"The model was away after '{_text}'.");
    }
}
