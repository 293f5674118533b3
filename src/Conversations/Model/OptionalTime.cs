namespace Conversations;

/// <summary>A time (UTC) or none, in a third of the room of a <see cref="DateTimeOffset"/> that can be null. Windows and stores in memory hold many.</summary>
internal readonly record struct OptionalTime
{
    // The UTC ticks and 1; 0 if there is no time.
    private readonly long _value;

    private OptionalTime(DateTimeOffset? time) => _value = time is { } known ? known.UtcTicks + 1 : 0;

    public static implicit operator OptionalTime(DateTimeOffset? time) => new(time);

    public static implicit operator DateTimeOffset?(OptionalTime time) => time._value == 0 ? null : new DateTimeOffset(time._value - 1, TimeSpan.Zero);
}
