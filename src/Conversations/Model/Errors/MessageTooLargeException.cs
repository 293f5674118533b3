using System.Globalization;

namespace Conversations;

/// <summary>Thrown when a message exceeds a limit of <c>ConversationOptions.Limits</c> (<c>MESSAGE_TOO_LARGE</c>). Of an input, nothing is written. Of an output, the message is not added.</summary>
public sealed class MessageTooLargeException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="limitName">The name of the limit.</param>
    /// <param name="size">The size of the message, in the unit of the limit.</param>
    /// <param name="limit">The limit.</param>
    public MessageTooLargeException(string limitName, long size, long limit)
        : base(ConversationErrorCodes.MessageTooLarge, string.Create(CultureInfo.InvariantCulture, $"A message, or the input of a request, has {size} {UnitOf(limitName)} and the limit is {limit}. Shorten it, or raise Limits.{limitName} of the options."))
    {
        LimitName = limitName;
        Size = size;
        Limit = limit;
    }

    private static string UnitOf(string limitName) => limitName.EndsWith("Parts", StringComparison.Ordinal) ? "parts" : "bytes";

    /// <summary>Gets the name of the limit, for example <c>MaxMessageBytes</c>.</summary>
    public string LimitName { get; }

    /// <summary>Gets the size of the message in the unit of the limit: bytes, or parts. Of a message that is streamed, the size when it exceeded the limit.</summary>
    public long Size { get; }

    /// <summary>Gets the limit.</summary>
    public long Limit { get; }
}
