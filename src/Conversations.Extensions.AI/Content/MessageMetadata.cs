using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The properties of a message other than its contents, which are kept in its metadata: additional properties, and a role that conversations do not have.</summary>
internal sealed class MessageMetadata(ContentJson contents)
{
    private const string Role = "role";
    private const string Empty = "empty";

    public string? Write(ChatMessage message, MessageRole role, bool isEmpty)
    {
        var previous = (message.RawRepresentation as ConversationMessage)?.Metadata;
        var isOtherRole = ChatRoles.Of(message.Role) == role && message.Role != ChatRoles.Of(role);
        if (previous is null && message.AdditionalProperties is null && !isOtherRole && !isEmpty)
            return null;

        return OwnMetadata.Write(previous, json =>
        {
            if (isOtherRole)
                json.WriteString(Role, message.Role.Value);
            if (isEmpty)
                json.WriteBoolean(Empty, value: true);
            CommonProperties.Write(json, annotations: null, message.AdditionalProperties, contents);
        });
    }

    public static void Read(ConversationMessage message, ChatMessage into)
    {
        if (OwnMetadata.Read(message.Metadata) is not { } own)
            return;

        if (own.TryGetProperty(Role, out var role) && role.ValueKind == JsonValueKind.String && role.GetString() is { } name && !string.IsNullOrWhiteSpace(name) && ChatRoles.Of(new ChatRole(name)) == message.Role)
            into.Role = new ChatRole(name);
        if (own.TryGetProperty(Empty, out var empty) && empty.ValueKind == JsonValueKind.True && message.Parts is [TextPart { Text: "" }])
            into.Contents.Clear();
        into.AdditionalProperties = CommonProperties.ReadAdditional(own);
    }
}
