using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Conversations.Extensions.AI.Tests.Summaries;

/// <summary>An agent on SQLite whose summaries a model writes.</summary>
public sealed class SummarizedConversationTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");
    private readonly SummaryModel _model = new();
    private readonly Lines _log = new();
    private readonly SqliteConversationStore _store;
    private readonly ConversationManager _manager;

    public SummarizedConversationTests()
    {
        _store = new SqliteConversationStore($"Data Source={Path.Combine(_folder.FullName, "test.db")}");
        var options = new ConversationOptions().AddAgent("bot", agent =>
        {
            agent.HistoryLimit = 3;
            agent.SummaryThreshold = 2;
            agent.Summarizer = _model.AsConversationSummarizer(new ChatClientSummarizerOptions { ChatOptions = new ChatOptions { ModelId = "small" } });
        });
        _manager = new ConversationManager(_store, options, logger: _log);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ScopedConversations Mine => _manager.ForIdentity(ConversationIdentity.ForUser("ada"));

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Summary_of_the_model_is_in_the_next_prompt_and_is_the_base_of_the_next_summary()
    {
        _model.Say(SummaryModel.Saying("Summary one."), SummaryModel.Saying("Summary two."));
        await TalkAsync(3);

        await using var turn = await Mine.BeginTurnAsync(new TurnRequest("bot", "now"), Cancellation);

        turn.Prompt.Select(message => message.Text).Should().Equal("[Summary of the conversation so far]\nSummary two.", "q3", "a3", "now");
        _model.Requests.Should().HaveCount(2);
        _model.Requests[0].Messages[1].Text.Should().Contain("User:\n> q1\nAssistant:\n> a1\n").And.NotContain("last summary");
        _model.Requests[1].Messages[1].Text.Should().Contain("The last summary:\n> Summary one.").And.NotContain("q1");
        _model.Requests[1].Options.ModelId.Should().Be("small");
    }

    [Fact]
    public async Task Model_that_fails_affects_no_turn_and_is_called_again_after_a_later_one()
    {
        _model.Answer = (request, _) => request == 1 ? Task.FromException<ChatResponse>(new HttpRequestException("CANARY")) : Task.FromResult(SummaryModel.Saying("Back again."));
        await TalkAsync(3);

        await using var turn = await Mine.BeginTurnAsync(new TurnRequest("bot", "now"), Cancellation);

        turn.Prompt[0].Text.Should().EndWith("Back again.");
        _log.All.Should().Contain("HttpRequestException").And.NotContain("CANARY").And.NotContain("Back again").And.NotContain("q1");
    }

    [Fact]
    public async Task Tokens_of_the_model_are_in_the_run_of_the_summary()
    {
        _model.Say(SummaryModel.Saying("Summary one.", usage: new UsageDetails { InputTokenCount = 70, OutputTokenCount = 7 }));
        await TalkAsync(2);

        var runs = await Mine.GetRunsAsync((await Mine.GetCurrentAsync("bot", cancellationToken: Cancellation))!.Id, Cancellation).ToListAsync(Cancellation);

        runs.Where(run => run.Kind == RunKind.Summary).Should().ContainSingle()
            .Which.Should().BeEquivalentTo(new { Model = "small", Usage = new TokenUsage { InputTokens = 70, OutputTokens = 7 } });
    }

    private async Task TalkAsync(int turns)
    {
        for (var i = 1; i <= turns; i++)
        {
            await Mine.RunTurnAsync("bot", $"q{i}", (turn, _) => Task.FromResult(turn.Add(ConversationMessage.Assistant($"a{i}"))), Cancellation);
            await _manager.WaitForSummariesAsync(Cancellation);
        }
    }

    private sealed class Lines : ILogger<ConversationManager>
    {
        private readonly List<string> _lines = [];

        public string All
        {
            get
            {
                lock (_lines)
                    return string.Join('\n', _lines);
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add($"{formatter(state, exception)} {exception}");
        }
    }
}
