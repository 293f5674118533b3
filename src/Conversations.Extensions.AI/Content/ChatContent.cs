using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Translates between the messages of Microsoft.Extensions.AI and those of a conversation, so that nothing is lost on the way there and back.</summary>
/// <remarks>Safe from any thread.</remarks>
internal sealed class ChatContent
{
    private static readonly ConditionalWeakTable<JsonSerializerOptions, ChatContent> Known = [];

    private readonly PartReader _reader;
    private readonly PartWriter _writer;
    private readonly MessageMetadata _metadata;

    /// <summary>Makes a translator; the first use of its types costs something, so it is to be kept.</summary>
    /// <param name="options">Where the host's own types are registered; their contracts and converters are taken from it, nothing else.</param>
    public ChatContent(JsonSerializerOptions? options)
    {
        var json = new ContentJson(options);
        _reader = new PartReader(json);
        _writer = new PartWriter(json);
        _metadata = new MessageMetadata(json);
    }

    /// <summary>The one of the abstractions' own types.</summary>
    public static ChatContent Default { get; } = new(options: null);

    /// <summary>The one for the options; kept as long as they are, unless they may still change.</summary>
    public static ChatContent For(JsonSerializerOptions? options) =>
        options is null ? Default
        : options.IsReadOnly ? Known.GetValue(options, static options => new ChatContent(options))
        : new ChatContent(options);

    /// <summary>Makes a message to be stored. Its id and its time are the conversation's to give.</summary>
    public ConversationMessage ToMessage(ChatMessage message, MessageRole role)
    {
        var parts = ToParts(message.Contents);
        var metadata = _metadata.Write(message, role, isEmpty: parts.Count == 0);
        return new ConversationMessage(role, parts.Count == 0 ? [new TextPart("")] : parts) { Metadata = metadata };
    }

    /// <summary>Makes parts of contents; empty if there are none.</summary>
    public IReadOnlyList<ContentPart> ToParts(IEnumerable<AIContent> contents) => [.. contents.Where(content => content is not null).Select(_writer.Write)];

    /// <summary>Makes of a stored message what it was made of.</summary>
    public ChatMessage ToChatMessage(ConversationMessage message)
    {
        var made = new ChatMessage(ChatRoles.Of(message.Role), [.. message.Parts.Select(_reader.Read)])
        {
            MessageId = message.Id,
            CreatedAt = message.CreatedAt,
            RawRepresentation = message,
        };
        MessageMetadata.Read(message, made);
        return made;
    }
}
