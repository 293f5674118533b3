namespace Conversations.Extensions.AI.Tests;

/// <summary>How a stream of events ends, and after how many events.</summary>
public sealed record StreamEnding
{
    private StreamEnding(EndingKind kind, int afterEvents, ReplyError? error = null)
    {
        Kind = kind;
        AfterEvents = afterEvents;
        Error = error;
    }

    /// <summary>With <c>message_stop</c>.</summary>
    public static StreamEnding Complete { get; } = new(EndingKind.Complete, int.MaxValue);

    internal EndingKind Kind { get; }

    internal int AfterEvents { get; }

    internal ReplyError? Error { get; }

    /// <summary>With an <c>error</c> event, which comes after a 200.</summary>
    public static StreamEnding ErrorAfter(int events, string type = "overloaded_error", string message = "Overloaded") =>
        new(EndingKind.Error, events, new(200, type, message));

    /// <summary>With a connection that is closed in the middle of the response.</summary>
    public static StreamEnding CutAfter(int events) => new(EndingKind.Cut, events);

    /// <summary>With a response that is complete as HTTP but lacks <c>message_stop</c>, as a proxy that gives up makes it.</summary>
    public static StreamEnding EndAfter(int events) => new(EndingKind.End, events);

    /// <summary>Not at all: nothing more comes until the client goes away.</summary>
    public static StreamEnding HangAfter(int events) => new(EndingKind.Hang, events);
}

internal enum EndingKind
{
    Complete,
    Error,
    Cut,
    End,
    Hang,
}
