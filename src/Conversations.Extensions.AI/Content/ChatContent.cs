using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts messages of Microsoft.Extensions.AI to messages of a conversation and back without loss.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChatContent
{
    private static readonly ConditionalWeakTable<JsonSerializerOptions, ChatContent> Known = [];

    private readonly PartReader _reader;
    private readonly PartWriter _writer;
    private readonly MessageMetadata _metadata;
    private readonly Action<Type>? _onLost;

    /// <summary>Initializes a converter. Keep it, because the first use of its types is expensive.</summary>
    /// <param name="options">The options with which the host's types are registered. Only their contracts and converters are used.</param>
    public ChatContent(JsonSerializerOptions? options)
    {
        var json = new ContentJson(options);
        _reader = new PartReader(json);
        _writer = new PartWriter(json);
        _metadata = new MessageMetadata(json);
    }

    private ChatContent(ChatContent other, Action<Type> onLost) => (_reader, _writer, _metadata, _onLost) = (other._reader, other._writer, other._metadata, onLost);

    /// <summary>Gets the converter for the types of the abstractions.</summary>
    public static ChatContent Default { get; } = new(options: null);

    /// <summary>Returns the converter for the options. It is cached for the lifetime of the options, unless they can still change.</summary>
    public static ChatContent For(JsonSerializerOptions? options) =>
        options is null ? Default
        : options.IsReadOnly ? Known.GetValue(options, static options => new ChatContent(options))
        : new ChatContent(options);

    /// <summary>Returns this converter with a function that gets the type of each value that cannot be written as JSON.</summary>
    public ChatContent Reporting(Action<Type> onLost) => new(this, onLost);

    /// <summary>Creates a message to store. The conversation assigns its id and time.</summary>
    public ConversationMessage ToMessage(ChatMessage message, MessageRole role) => LostValues.Report(_onLost, () => Message(message, role));

    private ConversationMessage Message(ChatMessage message, MessageRole role)
    {
        var parts = ToParts(message.Contents);
        var metadata = _metadata.Write(message, role, isEmpty: parts.Count == 0);
        return new ConversationMessage(role, parts.Count == 0 ? [new TextPart("")] : parts) { AuthorName = message.AuthorName, Metadata = metadata };
    }

    /// <summary>Converts contents to parts; empty if there are none.</summary>
    public IReadOnlyList<ContentPart> ToParts(IEnumerable<AIContent> contents) => [.. contents.Where(content => content is not null).SelectMany(_writer.Write)];

    /// <summary>Converts a stored message to a chat message.</summary>
    public ChatMessage ToChatMessage(ConversationMessage message)
    {
        var made = new ChatMessage(ChatRoles.Of(message.Role), _reader.Read(message.Parts))
        {
            AuthorName = message.AuthorName,
            MessageId = message.Id,
            CreatedAt = message.CreatedAt,
            RawRepresentation = message,
        };
        MessageMetadata.Read(message, made);
        return made;
    }
}
