using System.Globalization;

namespace Conversations;

/// <summary>States in a prompt when each user message was created. A message has one time and the format is fixed, so a message is the same in every prompt.</summary>
/// <param name="zone">The time zone of the times.</param>
internal sealed class MessageTimes(TimeZoneInfo zone)
{
    /// <summary>Returns the time of a message as a prompt states it; null if it states none.</summary>
    public string? TextOf(ConversationMessage message) => message is { Role: MessageRole.User, Kind: MessageKind.Message, CreatedAt: { } time } ? Format(time) : null;

    /// <summary>Returns a message with its time before its text.</summary>
    public ConversationMessage Show(ConversationMessage message) => TextOf(message) switch
    {
        null => message,
        var time when message.Parts[0] is TextPart text => message with { Parts = [text.WithFlow(time + text.Text), .. message.Parts.Skip(1)] },
        var time => message with { Parts = [new TextPart(time.TrimEnd()), .. message.Parts] },
    };

    /// <summary>Returns a counter that includes the time in each user message.</summary>
    /// <param name="counter">The counter of the agent.</param>
    public ITokenCounter Counter(ITokenCounter counter) => new TimedTokenCounter(counter, counter.Count(Format(DateTimeOffset.UnixEpoch)));

    private string Format(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone).ToString("'['ddd yyyy-MM-dd HH:mm zzz'] '", CultureInfo.InvariantCulture);
}

/// <summary>Counts like another counter, and user messages together with their time.</summary>
internal sealed class TimedTokenCounter(ITokenCounter counter, int timeTokens) : ITokenCounter
{
    // Stored counts include the time, so they are those of another counter.
    public string Name { get; } = counter.Name + "+time";

    public int Count(ReadOnlySpan<char> text) => counter.Count(text);

    public int Count(ReadOnlySpan<char> text, int limit) => counter.Count(text, limit);

    public int CountMedia(MediaInfo media) => counter.CountMedia(media);

    /// <summary>Gets what the time of a message costs.</summary>
    public int TimeTokens(ConversationMessage message) => message is { Role: MessageRole.User, Kind: MessageKind.Message } ? timeTokens : 0;
}
