namespace Conversations.Storage;

/// <summary>Specifies how the content of a stored message is written. The values are stored in databases and never change.</summary>
public enum ContentFormat
{
    /// <summary>The text of a single <see cref="TextPart"/>, as it is.</summary>
    Text = 0,

    /// <summary>A JSON array of parts.</summary>
    Json = 1,

    /// <summary>A JSON object with the message's metadata and its array of parts.</summary>
    JsonWithMetadata = 2,
}
