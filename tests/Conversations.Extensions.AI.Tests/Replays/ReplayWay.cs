namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>How a recorded conversation is had again.</summary>
/// <param name="Window">How many messages of the history go to the model.</param>
internal sealed record ReplayWay(int Window)
{
    /// <summary>Gets whether answers are streamed.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>Gets whether a request that fails is given up, so that the next question follows it; else it is sent again, by its key.</summary>
    public bool GivesUp { get; init; }

    /// <summary>Gets whether the client that calls functions is outside, so that each answer of the model is a turn.</summary>
    public bool CallsOutside { get; init; }

    /// <summary>Gets whether the model thinks before it answers.</summary>
    public bool Thinks { get; init; }

    /// <summary>Gets whether some questions have pictures, some are refused, some answers are given again, and the model changes.</summary>
    public bool Varies { get; init; }

    /// <summary>The way of a number: all combinations occur.</summary>
    public static ReplayWay Of(int window, int number) => new(window)
    {
        IsStreamed = (number & 1) == 0,
        GivesUp = (number & 2) == 0,
        Thinks = (number & 4) == 0,
        CallsOutside = (number & 8) != 0,
        Varies = (number & 16) == 0,
    };
}
