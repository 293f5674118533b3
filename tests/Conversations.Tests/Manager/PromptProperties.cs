using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Manager;

/// <summary>After any sequence of operations, a provider accepts every prompt, and no prompt costs more than its limit. The seed is fixed, so that a failure can be repeated.</summary>
public sealed class PromptProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(20261122, 3).WithQuietOnSuccess(true);

    [Fact]
    public void Prompts_of_any_conversation_are_paired_and_within_their_limits()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), RunAsync).Check(Runs);
    }

    private static async Task RunAsync(int seed)
    {
        await using var talk = new Talk(new Random(seed));
        await talk.RunAsync();
    }

    /// <summary>A talk at random: turns that answer, call tools, fail, leave calls open, are retried after others spoke, with limits of their own; messages that are deleted; a summarizer.</summary>
    private sealed class Talk : IAsyncDisposable
    {
        private readonly Random _random;
        private readonly int? _tokenLimit;
        private readonly ConversationManager _manager;
        private readonly ScopedConversations _view;
        private readonly List<TurnRequest> _failed = [];
        private string? _conversationId;

        public Talk(Random random)
        {
            _random = random;
            _tokenLimit = random.Next(3) == 0 ? null : random.Next(120, 600);
            _manager = new ConversationManager(new InMemoryConversationStore(), new ConversationOptions().AddAgent("bot", agent =>
            {
                agent.SystemPrompt = random.Next(2) == 0 ? "Be brief." : null;
                agent.HistoryLimit = random.Next(1, 30);
                agent.TokenLimit = _tokenLimit;
                agent.Summarizer = random.Next(3) > 0 ? new FakeSummarizer() : null;
                agent.SummaryThreshold = random.Next(1, 8);
            }));
            _view = _manager.ForIdentity(ConversationIdentity.ForUser("alice"));
        }

        public ValueTask DisposeAsync() => _manager.DisposeAsync();

        public async Task RunAsync()
        {
            for (var step = 0; step < 30; step++)
            {
                try
                {
                    await StepAsync();
                }
                catch (Exception exception) when (exception is PromptTooLargeException or ToolCallNotOpenException or ModelAwayException)
                {
                    // The conversation continues.
                }

                if (_random.Next(3) == 0)
                    await _manager.WaitForSummariesAsync();
            }
        }

        private Task StepAsync() => _random.Next(10) switch
        {
            0 when _failed.Count > 0 => TurnAsync(_failed[_random.Next(_failed.Count)]),
            1 or 2 or 3 => AnswerAsync(),
            4 when _conversationId is not null => DeleteAsync(),
            5 => TurnAsync(new TurnRequest("bot", Text()) { HistoryLimit = _random.Next(1, 5) }),
            6 => TurnAsync(new TurnRequest("bot", Text()) { TokenLimit = _random.Next(60, 300) }),
            _ => TurnAsync(new TurnRequest("bot", Text()) { IdempotencyKey = $"{_random.Next(1_000_000)}" }),
        };

        /// <summary>Answers the calls that are open, all or some of them, if any are.</summary>
        private async Task AnswerAsync()
        {
            if (_conversationId is null)
                return;

            var messages = await _view.GetMessagesAsync(_conversationId).ToListAsync();
            var calls = messages.SelectMany(message => message.Parts).OfType<ToolCallPart>().Select(call => call.CallId);
            var answered = messages.SelectMany(message => message.Parts).OfType<ToolResultPart>().Select(result => result.CallId);
            var open = calls.Except(answered, StringComparer.Ordinal).TakeLast(_random.Next(1, 4)).ToList();
            if (open.Count > 0)
                await TurnAsync(new TurnRequest("bot", open.Select(id => ConversationMessage.ToolResult(id, Text()))) { IdempotencyKey = $"{_random.Next(1_000_000)}" });
        }

        private async Task DeleteAsync()
        {
            var messages = await _view.GetMessagesAsync(_conversationId!).ToListAsync();
            if (messages.Count > 0)
                await _view.DeleteMessageAsync(messages[_random.Next(messages.Count)].Id!);
        }

        private async Task TurnAsync(TurnRequest request)
        {
            try
            {
                var result = await _view.RunTurnAsync(request, WorkAsync);
                _conversationId = result.ConversationId;
            }
            catch (ModelAwayException)
            {
                if (request.IdempotencyKey is not null)
                    _failed.Add(request);
                throw;
            }
        }

        private Task WorkAsync(ConversationTurn turn, CancellationToken cancellationToken)
        {
            _conversationId = turn.ConversationId;
            Check(turn);
            for (var rounds = _random.Next(3); rounds > 0; rounds--)
            {
                var ids = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"c{_random.Next(1_000_000)}").ToList();
                if (_random.Next(2) == 0)
                    turn.Add(new ConversationMessage(MessageRole.Assistant, ids.Select(id => new ToolCallPart(id, "f", "{}"))));
                else
                    ids.ForEach(id => turn.Add(ConversationMessage.ToolCall(id, "f", "{}")));

                // Left open: for an approval, or because the model is away.
                if (_random.Next(4) == 0)
                    return _random.Next(2) == 0 ? Task.CompletedTask : throw new ModelAwayException();
                ids.ForEach(id => turn.Add(ConversationMessage.ToolResult(id, Text())));
                Check(turn);
            }

            if (_random.Next(5) == 0)
                throw new ModelAwayException();
            turn.Add(ConversationMessage.Assistant(Text()));
            Check(turn);
            return Task.CompletedTask;
        }

        private static void Check(ConversationTurn turn)
        {
            var prompt = turn.Prompt;
            var window = turn.Window;
            History.WindowRules.Unpaired([.. prompt]).Should().BeNull();
            var tokens = PromptCost.OfPrompt + prompt.Sum(message => (long)PromptCost.Counted(TokenCounter.Estimate, message).Tokens!.Value.Count);
            window.Tokens.Count.Should().Be((int)tokens);
            if (window.TokenLimit is { } limit)
                tokens.Should().BeLessThanOrEqualTo(limit);
            // Input that was deleted since it was saved is still in the prompt, without a position.
            var own = turn.Input.Concat(turn.Added).Select(message => message.Id).OfType<string>().ToList();
            prompt.Select(message => message.Id).OfType<string>().TakeLast(own.Count).Should().Equal(own);
        }

        private string Text() => new('x', _random.Next(1, 120));

        private sealed class ModelAwayException : Exception;
    }
}
