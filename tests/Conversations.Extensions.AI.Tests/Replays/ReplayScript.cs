using System.Text.Json;
using System.Text.Json.Nodes;
using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>What the model and the tools say in a turn, as it was recorded, and what goes wrong before they do.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class ReplayScript
{
    /// <summary>What the model says where the recording ends without an answer.</summary>
    public const string Ending = "(nothing more)";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly Lock _gate = new();
    private readonly List<(AnthropicReply Reply, IReadOnlyList<RecordedMessage> Results)> _steps = [];
    private readonly Queue<ReplayFault> _faults;
    private Action? _cancel;
    private int _next;

    public ReplayScript(RecordedTurn turn, IEnumerable<ReplayFault> faults)
    {
        _faults = new Queue<ReplayFault>(faults);
        foreach (var message in turn.Replies)
        {
            if (message.Role == MessageRole.Tool)
                _steps[^1] = _steps[^1] with { Results = [.. _steps[^1].Results, message] };
            else
                _steps.Add((ReplyOf(message), []));
        }

        if (_steps is [] or [.., { Results.Count: > 0 }])
            _steps.Add((AnthropicReply.Text(Ending), []));
    }

    /// <summary>What the turn is to be when it is stored.</summary>
    public IEnumerable<string> Expected => _steps.SelectMany(step => step.Results.Count == 0 ? [Text(step.Reply)] : new[] { Text(step.Reply), Text(step.Results) });

    /// <summary>Begins the turn, or begins it again.</summary>
    /// <param name="cancel">Cancels it.</param>
    public void Begin(Action cancel)
    {
        lock (_gate)
            (_next, _cancel) = (0, cancel);
    }

    /// <summary>What the model says next, or what goes wrong instead.</summary>
    public AnthropicReply Next(bool isStreamed)
    {
        lock (_gate)
        {
            var step = _next < _steps.Count ? _steps[_next].Reply : throw new InvalidOperationException("The model is asked more than was recorded.");
            if (_faults.TryDequeue(out var fault) && fault != ReplayFault.None)
                return Broken(step, fault, isStreamed);

            _next++;
            return step;
        }
    }

    /// <summary>What a tool answers to a call of the last step.</summary>
    public string ResultOf(string callId)
    {
        lock (_gate)
            return _steps[_next - 1].Results.First(result => string.Equals(result.CallId, callId, StringComparison.Ordinal)).Content ?? "";
    }

    /// <summary>A stored message in the words of <see cref="Expected"/>.</summary>
    public static string Text(ConversationMessage message) => $"{message.Role}: " + string.Join(" | ", message.Parts.Select(part => part switch
    {
        TextPart text => text.Text,
        ToolCallPart call => Call(call.CallId, call.Name, JsonNode.Parse(call.Arguments) ?? new JsonObject()),
        ToolResultPart result => $"{result.CallId} = {result.Content}",
        _ => part.ToString(),
    }));

    private static string Text(AnthropicReply reply) => "Assistant: " + string.Join(" | ", reply.Blocks.Select(block => block switch
    {
        TextReply text => text.Text,
        ToolUseReply call => Call(call.Id!, call.Name, call.Input),
        _ => block.ToString(),
    }));

    private static string Text(IReadOnlyList<RecordedMessage> results) => "Tool: " + string.Join(" | ", results.Select(result => $"{result.CallId} = {result.Content}"));

    private static string Call(string id, string name, JsonNode arguments) => $"{id} {name}({arguments.ToJsonString()})";

    private static AnthropicReply ReplyOf(RecordedMessage message)
    {
        var blocks = new List<ReplyBlock>();
        if (!string.IsNullOrEmpty(message.Content))
            blocks.Add(new TextReply(message.Content));
        blocks.AddRange(message.Calls.Select(call => new ToolUseReply(call.Name, Input(call.Arguments), call.Id)));
        return AnthropicReply.Of([.. blocks]) with { PieceLength = 40 };
    }

    /// <summary>Arguments as this provider has them: an object. A few are recorded as something else, or with a name that occurs twice.</summary>
    private static JsonObject Input(string arguments)
    {
        try
        {
            return JsonNode.Parse(arguments, documentOptions: Strict) as JsonObject ?? new JsonObject { ["value"] = arguments };
        }
        catch (JsonException)
        {
            return new JsonObject { ["value"] = arguments };
        }
    }

    private AnthropicReply Broken(AnthropicReply reply, ReplayFault fault, bool isStreamed)
    {
        switch (fault)
        {
            case ReplayFault.RateLimited:
                return AnthropicReply.RateLimited();
            case ReplayFault.Overloaded:
                return AnthropicReply.Overloaded();
            case ReplayFault.ErrorInStream:
                return isStreamed ? reply with { Ending = StreamEnding.ErrorAfter(5) } : AnthropicReply.InternalError();
            case ReplayFault.Cut:
                return reply with { Ending = StreamEnding.CutAfter(5) };
            default:
                _cancel!();
                return reply with { Ending = StreamEnding.HangAfter(5) };
        }
    }
}

/// <summary>What can go wrong with an answer.</summary>
internal enum ReplayFault
{
    None,
    RateLimited,
    Overloaded,
    ErrorInStream,
    Cut,
    Cancelled,
}
