using System.Text;

namespace Conversations;

/// <summary>The sizes of messages, and their limits.</summary>
/// <param name="MaxBytes">The maximum of all texts and data of a message, in bytes; texts in UTF-8.</param>
/// <param name="MaxParts">The maximum number of parts.</param>
/// <param name="MaxMetadataBytes">The maximum of each metadata, in UTF-8 bytes.</param>
internal sealed record MessageSize(int MaxBytes, int MaxParts, int MaxMetadataBytes)
{
    // The names of the limits among the options of the host.
    private const string BytesLimit = "MaxMessageBytes";
    private const string PartsLimit = "MaxMessageParts";
    private const string MetadataLimit = "MaxMetadataBytes";

    // No UTF-16 code unit takes more bytes in UTF-8.
    private const int MostBytesOfChar = 3;

    /// <summary>Checks a message.</summary>
    /// <returns>The message.</returns>
    /// <exception cref="MessageTooLargeException">It exceeds a limit.</exception>
    public ConversationMessage Checked(ConversationMessage message)
    {
        // Most messages are one small text.
        if (message is { OnlyPart: TextPart { Metadata: null } only, Metadata: null, AuthorName: null } && (long)only.Text.Length * MostBytesOfChar <= MaxBytes)
            return message;

        CheckParts(message.Parts.Count);
        CheckMetadata(message);
        CheckData(message);

        // The lengths of the texts are enough to know that a message is small.
        if (Sum(message, static text => (long)text.Length * MostBytesOfChar) > MaxBytes)
            CheckBytes(BytesOf(message));
        return message;
    }

    /// <summary>Checks the messages of an input, which together have the limits of one message.</summary>
    /// <exception cref="MessageTooLargeException">They exceed a limit.</exception>
    public void CheckInput(IReadOnlyList<ConversationMessage> input)
    {
        if (input.Count == 1)
        {
            Checked(input[0]);
            return;
        }

        CheckParts(input.Sum(static message => message.Parts.Count));
        foreach (var message in input)
        {
            CheckMetadata(message);
            CheckData(message);
        }

        CheckBytes(input.Sum(BytesOf));
    }

    /// <summary>Checks the number of parts of a message.</summary>
    /// <exception cref="MessageTooLargeException">There are too many.</exception>
    public void CheckParts(int parts)
    {
        if (parts > MaxParts)
            throw new MessageTooLargeException(PartsLimit, parts, MaxParts);
    }

    /// <summary>Checks the size of a message.</summary>
    /// <exception cref="MessageTooLargeException">It is too large.</exception>
    public void CheckBytes(long bytes)
    {
        if (bytes > MaxBytes)
            throw new MessageTooLargeException(BytesLimit, bytes, MaxBytes);
    }

    /// <summary>Checks the metadata of a message and its parts.</summary>
    /// <exception cref="MessageTooLargeException">One is too large.</exception>
    public void CheckMetadata(ConversationMessage message)
    {
        CheckMetadata(message.Metadata);
        foreach (var part in message.Parts)
            CheckMetadata(part.Metadata);
    }

    /// <summary>Checks that a message has the bytes of its data: they are not looked for in other messages, which its author may not reach.</summary>
    /// <exception cref="ArgumentException">Some are not loaded.</exception>
    public static void CheckData(ConversationMessage message)
    {
        foreach (var part in message.Parts)
        {
            if (part is DataPart { IsLoaded: false })
                throw new ArgumentException("The message has data whose bytes are not loaded. Call LoadDataAsync for the message that it comes from.", nameof(message));
        }
    }

    /// <summary>Returns the bytes of all texts of a message, in UTF-8, and of its data that are loaded.</summary>
    public static long BytesOf(ConversationMessage message) => Sum(message, static text => Encoding.UTF8.GetByteCount(text));

    private static long Sum(ConversationMessage message, Func<string, long> sizeOf)
    {
        var sum = Of(message.AuthorName) + Of(message.Metadata);
        foreach (var part in message.Parts)
        {
            sum += Of(part.Metadata) + part switch
            {
                TextPart text => Of(text.Text),
                ReasoningPart reasoning => Of(reasoning.Text) + Of(reasoning.ProtectedData),
                ToolCallPart call => Of(call.CallId) + Of(call.Name) + Of(call.Arguments),
                ToolResultPart result => Of(result.CallId) + Of(result.Name) + Of(result.Content),
                DataPart data => Of(data.MediaType) + Of(data.Name) + (data.IsLoaded ? data.Size : 0),
                ErrorPart error => Of(error.Message) + Of(error.Code),
                ApprovalRequestPart request => Of(request.RequestId) + Of(request.Json),
                ApprovalResponsePart response => Of(response.RequestId) + Of(response.Json),
                RawPart raw => Of(raw.Json),
                _ => 0,
            };
        }

        return sum;

        long Of(string? text) => text is null ? 0 : sizeOf(text);
    }

    private void CheckMetadata(string? metadata)
    {
        if (metadata is not null && (long)metadata.Length * MostBytesOfChar > MaxMetadataBytes && Encoding.UTF8.GetByteCount(metadata) is var bytes && bytes > MaxMetadataBytes)
            throw new MessageTooLargeException(MetadataLimit, bytes, MaxMetadataBytes);
    }
}
