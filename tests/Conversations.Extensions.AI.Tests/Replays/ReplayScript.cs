using System.Text.Json.Nodes;
using Replay;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>What the model and the tools say in a turn, as it was recorded, and what goes wrong before they do.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReplayScript
{
    /// <summary>What the model says where the recording ends without an answer.</summary>
    public const string Ending = "(nothing more)";

    private const string Picture = "(picture)";

    private readonly Lock _gate = new();
    private readonly List<(ReplayStep Step, IReadOnlyList<RecordedMessage> Results)> _steps = [];
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
                _steps.Add((ReplayStep.Of(message), []));
        }

        if (_steps is [] or [.., { Results.Count: > 0 }])
            _steps.Add((new ReplayStep { Text = Ending }, []));
    }

    /// <summary>Gets what the turn is to be when it is stored.</summary>
    public IEnumerable<string> Expected => _steps.SelectMany(Stored);

    /// <summary>Gets what remains of the turn if it is given up, where each answer is stored by itself.</summary>
    public IEnumerable<string> ExpectedSoFar
    {
        get
        {
            lock (_gate)
                return [.. _steps.Take(_next).SelectMany(Stored)];
        }
    }

    /// <summary>Has the model think before each answer, and hide a part of it before every other one.</summary>
    public ReplayScript Thinking(string thought, bool hides)
    {
        for (var i = 0; i < _steps.Count; i++)
            _steps[i] = _steps[i] with { Step = _steps[i].Step with { Thinking = $"{thought}, step {i} 👍", IsPartlyHidden = hides && i % 2 == 1 } };
        return this;
    }

    /// <summary>Has the model refuse in place of its last answer.</summary>
    public ReplayScript Refusing()
    {
        _steps[^1] = (new ReplayStep { IsRefusal = true }, []);
        return this;
    }

    /// <summary>Begins the turn, or begins it again.</summary>
    /// <param name="cancel">Cancels it.</param>
    /// <param name="isResumed">Whether it goes on where it broke off.</param>
    public void Begin(Action cancel, bool isResumed)
    {
        lock (_gate)
            (_next, _cancel) = (isResumed ? _next : 0, cancel);
    }

    /// <summary>Returns what the model says next, or what goes wrong instead.</summary>
    public ReplayStep Next(bool isStreamed)
    {
        lock (_gate)
        {
            var step = _next < _steps.Count ? _steps[_next].Step : throw new InvalidOperationException("The model is asked more than was recorded.");
            if (_faults.TryDequeue(out var fault) && fault.Kind != ReplayFaultKind.None)
                return Broken(step, fault, isStreamed);

            _next++;
            return step;
        }
    }

    /// <summary>Returns what a tool answers to a call.</summary>
    public string ResultOf(string callId)
    {
        lock (_gate)
            return _steps.Take(_next).Reverse().SelectMany(step => step.Results).First(result => string.Equals(result.CallId, callId, StringComparison.Ordinal)).Content ?? "";
    }

    /// <summary>Returns a question in the words of <see cref="Expected"/>.</summary>
    public static string Question(string? text, bool hasPicture) => $"User: {text}{(hasPicture ? $" | {Picture}" : "")}";

    /// <summary>Returns a stored message in the words of <see cref="Expected"/>. Some clients put reasoning after the text.</summary>
    public static string Text(ConversationMessage message) => $"{message.Role}: " + string.Join(" | ", message.Parts.OrderBy(static part => part is not ReasoningPart).Select(part => part switch
    {
        TextPart text => text.Text,
        ReasoningPart { Text.Length: 0 } => "(hidden)",
        ReasoningPart reasoning => $"<{reasoning.Text}>",
        ToolCallPart call => Call(call.CallId, call.Name, JsonNode.Parse(call.Arguments) ?? new JsonObject()),
        ToolResultPart result => $"{result.CallId} = {result.Content}",
        _ when message.Role == MessageRole.User => Picture,
        // A refusal is an error of the model.
        _ => "",
    }));

    private static IEnumerable<string> Stored((ReplayStep Step, IReadOnlyList<RecordedMessage> Results) step)
    {
        yield return Text(step.Step);
        if (step.Results.Count > 0)
            yield return Text(step.Results);
    }

    private static string Text(ReplayStep step) => "Assistant: " + string.Join(" | ", (string[])
    [
        .. step.Thinking is null ? [] : new[] { $"<{step.Thinking}>" },
        .. step.IsPartlyHidden ? new[] { "(hidden)" } : [],
        .. step.Text is null ? [] : new[] { step.Text },
        .. step.Calls.Select(call => Call(call.Id!, call.Name, call.Input)),
    ]);

    private static string Text(IReadOnlyList<RecordedMessage> results) => "Tool: " + string.Join(" | ", results.Select(result => $"{result.CallId} = {result.Content}"));

    private static string Call(string id, string name, JsonNode arguments) => $"{id} {name}({arguments.ToJsonString()})";

    private ReplayStep Broken(ReplayStep step, ReplayFault fault, bool isStreamed)
    {
        switch (fault.Kind)
        {
            case ReplayFaultKind.RateLimited:
                return new ReplayStep { Error = new(429, "rate_limit_error", "This request would exceed the rate limit.") };
            case ReplayFaultKind.Overloaded:
                return new ReplayStep { Error = new(503, "overloaded_error", "Overloaded") };
            case ReplayFaultKind.ErrorInStream:
                return isStreamed ? step with { Ending = StreamEnding.ErrorAfter(fault.AfterEvents) } : new ReplayStep { Error = new(500, "api_error", "Internal server error") };
            case ReplayFaultKind.Cut:
                return step with { Ending = StreamEnding.CutAfter(fault.AfterEvents) };
            default:
                _cancel!();
                return step with { Ending = StreamEnding.HangAfter(fault.AfterEvents) };
        }
    }
}

/// <summary>Something that goes wrong with an answer, after so many events of its stream.</summary>
internal readonly record struct ReplayFault(ReplayFaultKind Kind, int AfterEvents)
{
    private const int Kinds = 6;
    private const int MostEvents = 20;

    /// <summary>Any fault, by chance.</summary>
    public static ReplayFault Any(Random random) => new((ReplayFaultKind)random.Next(1, Kinds), random.Next(MostEvents));
}

/// <summary>What can go wrong with an answer.</summary>
internal enum ReplayFaultKind
{
    None,
    RateLimited,
    Overloaded,
    ErrorInStream,
    Cut,
    Cancelled,
}
