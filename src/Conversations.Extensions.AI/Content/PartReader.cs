using System.Text.Json;
using Conversations.Storage;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts parts to contents. Every part can be converted.</summary>
internal sealed class PartReader(ContentJson contents)
{
    /// <summary>Converts the parts of a message. Data behind the result of a function can belong to it.</summary>
    public List<AIContent> Read(IReadOnlyList<ContentPart> parts)
    {
        var read = new List<AIContent>(parts.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            read.Add(Read(parts[i]));
            if (read[^1] is FunctionResultContent result)
                i += ResultData.Join(result, parts, i + 1, Read);
        }

        return read;
    }

    private AIContent Read(ContentPart part) => part switch
    {
        TextPart text => With(new TextContent(text.Text), text),
        ReasoningPart reasoning => With(new TextReasoningContent(reasoning.Text) { ProtectedData = reasoning.ProtectedData }, reasoning),
        ToolCallPart call => Call(call),
        ToolResultPart result => Result(result),
        ApprovalRequestPart request => Approval(request, request.Json, request.RequestId),
        ApprovalResponsePart response => Approval(response, response.Json, response.RequestId),
        DataPart { IsLoaded: true } data => With(new DataContent(data.Data, data.MediaType) { Name = data.Name }, data),
        // The bytes are kept beside the message. No model gets the content as it is.
        DataPart data => new UnknownContent(MessageContent.Write(new ConversationMessage(MessageRole.User, data)).Text.Trim('[', ']'), data.MediaType, isDamaged: false, data) { RawRepresentation = data },
        ErrorPart error => With(new ErrorContent(error.Message) { ErrorCode = error.Code, RawRepresentation = error }, error),
        RawPart raw => Raw(raw),
        _ => throw new NotSupportedException($"A {part.GetType().Name} cannot be converted to content."),
    };

    private AIContent Raw(RawPart part)
    {
        if (PartFormat.Unwrap(part) is { } content)
            return (AIContent)contents.Read(content, typeof(AIContent)) is var read && read is UnknownContent unknown ? InPart(unknown, unknown.Json, part) : read;

        return new UnknownContent(part.Json, part.Type, isDamaged: string.Equals(part.Type, PartFormat.Type, StringComparison.Ordinal), part);
    }

    /// <summary>Reads a request or response. A host can write one in another form than this package.</summary>
    private AIContent Approval(ContentPart part, string json, string requestId) => (AIContent)contents.Read(StoredJson.Parse(json), typeof(AIContent)) switch
    {
        InputRequestContent request when part is ApprovalRequestPart && string.Equals(request.RequestId, requestId, StringComparison.Ordinal) => request,
        InputResponseContent response when part is ApprovalResponsePart && string.Equals(response.RequestId, requestId, StringComparison.Ordinal) => response,
        UnknownContent unknown => InPart(unknown, json, part),
        _ => new UnknownContent(json, typeName: null, isDamaged: true, part),
    };

    // What is not known is stored back as it was, with what its part says of it.
    private static UnknownContent InPart(UnknownContent unknown, string json, ContentPart part) =>
        new(json, unknown.TypeName, unknown.IsDamaged, part) { Annotations = unknown.Annotations, AdditionalProperties = unknown.AdditionalProperties };

    private FunctionCallContent Call(ToolCallPart part)
    {
        var own = OwnMetadata.Read(part.Metadata);
        if (Derived<FunctionCallContent>(part, own) is { } derived)
            return derived;

        var call = new FunctionCallContent(part.CallId, part.Name);
        if (own is { } marks)
            ContentMarks.ReadOfPart(marks, call);
        if (TryArguments(part.Arguments, out var arguments))
            call.Arguments = arguments;
        else
            call.Exception = FunctionFailedException.OfCall(part.Arguments);
        return With(call, part, own);
    }

    private FunctionResultContent Result(ToolResultPart part)
    {
        var own = OwnMetadata.Read(part.Metadata);
        if (Derived<FunctionResultContent>(part, own) is { } derived)
            return derived;

        var result = new FunctionResultContent(part.CallId, ContentMarks.ReadResult(own, part.Content, contents)) { Exception = part.IsError ? FunctionFailedException.OfResult() : null };
        if (part.Name is not null)
            result.RawRepresentation = part;
        return With(result, part, own);
    }

    /// <summary>Returns the call or result as the host's type, if that is registered. Metadata is not content: what does not state the same as the part is ignored.</summary>
    private T? Derived<T>(ContentPart part, JsonElement? own)
        where T : AIContent
    {
        if (own is not { } found || !found.TryGetProperty(PartFormat.Content, out var derived) || contents.Read(derived, typeof(AIContent)) is not T content || !PartWriter.States(content, part, contents))
            return null;

        if (OwnMetadata.HasOthers(part.Metadata))
            content.RawRepresentation = part;
        return content;
    }

    private T With<T>(T content, ContentPart part, JsonElement? own = null)
        where T : AIContent
    {
        if (part.Metadata is null)
            return content;

        // Needed to write it back with the metadata of the host.
        if (OwnMetadata.HasOthers(part.Metadata) || (own is { } kept && kept.TryGetProperty(PartFormat.Content, out _)))
            content.RawRepresentation = part;
        if ((own ?? OwnMetadata.Read(part.Metadata)) is { } found)
            CommonProperties.Read(found, content, contents);
        return content;
    }

    private static bool TryArguments(string text, out IDictionary<string, object?>? arguments)
    {
        arguments = null;
        if (string.IsNullOrWhiteSpace(text) || string.Equals(text, PartFormat.NoArguments, StringComparison.Ordinal))
            return true;
        if (!StoredJson.TryParse(text, out var written) || written.ValueKind != JsonValueKind.Object)
            return false;

        arguments = ArgumentsConverter.Of(written);
        return true;
    }
}
