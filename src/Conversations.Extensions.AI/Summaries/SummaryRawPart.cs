using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Names the kind of a part of another type, without its content.</summary>
internal static class SummaryRawPart
{
    private static readonly string[] MediaTypes = ["media_type", "mediaType", "mime_type", "mimeType"];

    /// <summary>Returns the media type of the part if it has one; otherwise the name of its type.</summary>
    public static string KindOf(ContentPart part) => ChatContent.Default.ToChatMessage(new ConversationMessage(MessageRole.User, part)).Contents switch
    {
        [UriContent uri] => uri.MediaType,
        [HostedFileContent { MediaType: { } mediaType }] => mediaType,
        [UnknownContent unknown] => MediaTypeOf((part as RawPart)?.Json ?? unknown.Json) ?? unknown.TypeName ?? NameOf(part),
        [var content] => content.GetType().Name.Replace("Content", "", StringComparison.Ordinal),
        _ => NameOf(part),
    };

    private static string NameOf(ContentPart part) => part is RawPart raw ? raw.Type : part.GetType().Name.Replace("Part", "", StringComparison.Ordinal);

    private static string? MediaTypeOf(string text)
    {
        using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 });
        foreach (var name in MediaTypes)
        {
            if (json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                return value.GetString();
        }

        return null;
    }
}
