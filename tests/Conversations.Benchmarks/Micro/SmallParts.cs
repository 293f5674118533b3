using BenchmarkDotNet.Attributes;
using Conversations.Benchmarks.Workloads;
using Conversations.Storage;

namespace Conversations.Benchmarks.Micro;

/// <summary>The parts of a turn that need no store. Not sealed, because BenchmarkDotNet derives from it.</summary>
[MemoryDiagnoser]
public class SmallParts
{
    private const int Messages = 20;

    private readonly WindowLimits _limits = new(Messages, Tokens: 8_000, TokenCounter.Estimate);
    private readonly ConversationMessage _toolCall = new(
        MessageRole.Assistant, new TextPart("I look it up."), new ToolCallPart("call_1", "find_order", $$"""{"note": "{{Texts.Question}}"}"""));

    private HistoryRead _history = HistoryRead.Nothing;
    private ConversationMessage[] _input = [];
    private string _json = "";

    [GlobalSetup]
    public void Prepare()
    {
        var now = TimeProvider.System.GetUtcNow();
        StoredMessage Stored(int position) =>
            new(PromptCost.Counted(_limits.Counter, Host.Copy(position))) { ConversationId = "conv_1", Position = position, CreatedAt = now };

        _history = new HistoryRead([.. Enumerable.Range(1, Messages).Select(Stored)], After: 0, Before: Messages + 1) { IsCut = true };
        _input = [Stored(Messages + 1)];
        _json = MessageContent.Write(_toolCall).Text;
    }

    [Benchmark]
    public string IdentityKey() => ConversationIdentity.ForUser("user_123", "acme").Key;

    [Benchmark]
    public string SessionId() =>
        new ConversationScope(ConversationScope.DefaultProject, Host.Agent, ConversationOwner.Of(ConversationIdentity.ForUser("user_123")), ConversationChannels.Chat).SessionId;

    [Benchmark]
    public long WindowOf20() => new HistoryWindow(_limits, systemPrompt: null, _history, _input).First.Tokens;

    [Benchmark]
    public int TokensEstimated() => TokenCounter.Estimate.Count(Texts.Answer);

    [Benchmark]
    public int TokensCounted() => TiktokenCounters.O200kBase.Count(Texts.Answer);

    [Benchmark]
    public string PlainWritten() => MessageContent.Write(_input[0]).Text;

    [Benchmark]
    public string JsonWritten() => MessageContent.Write(_toolCall).Text;

    [Benchmark]
    public IReadOnlyList<ContentPart> JsonRead() => MessageContent.Read(ContentFormat.Json, _json, out _);
}
