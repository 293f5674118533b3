using System.Runtime.InteropServices;

namespace Conversations;

/// <summary>What messages take of a window.</summary>
/// <param name="Messages">How many they are.</param>
/// <param name="Tokens">What they cost.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WindowSpace(long Messages, long Tokens)
{
    public static WindowSpace operator +(WindowSpace first, WindowSpace second) => new(first.Messages + second.Messages, first.Tokens + second.Tokens);
}

/// <summary>The room that the limits leave for the history.</summary>
/// <param name="Messages">For how many messages; less than 0 if the needed messages exceed the limit by themselves.</param>
/// <param name="Tokens">For how many tokens; null for any number.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WindowRoom(long Messages, long? Tokens)
{
    /// <summary>Returns whether messages fit. None always do.</summary>
    public bool Holds(WindowSpace size) => size == default || (HoldsMessages(size) && !(size.Tokens > Tokens));

    public bool HoldsMessages(WindowSpace size) => size.Messages <= Messages;

    /// <summary>Returns a share of the room.</summary>
    public WindowRoom Share(double share) => new((long)Math.Ceiling(Messages * share), Tokens is { } tokens ? (long)Math.Floor(tokens * share) : null);

    public WindowRoom Without(WindowSpace size) => new(Messages - size.Messages, Tokens - size.Tokens);

    /// <summary>Returns which part of the room messages take: that of the limit that they are nearer to.</summary>
    public double Fill(WindowSpace size)
    {
        var ofMessages = size.Messages / (double)Math.Max(Messages, 1);
        return Tokens is { } tokens ? Math.Max(ofMessages, size.Tokens / (double)Math.Max(tokens, 1)) : ofMessages;
    }
}
