using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts contents to parts. Text, reasoning, calls, results and data become parts of the library; all other contents become JSON in a <see cref="RawPart"/>.</summary>
internal sealed class PartWriter(ContentJson contents)
{
    private const string UnknownMediaType = "application/octet-stream";

    /// <summary>Returns the part of a content. The data in the result of a function are parts behind it.</summary>
    public IReadOnlyList<ContentPart> Write(AIContent content)
    {
        if (content.GetType() != typeof(FunctionResultContent))
            return [Whole(content)];

        var (result, data) = ResultData.Split((FunctionResultContent)content, Whole);
        return [Whole(result), .. data];
    }

    private ContentPart Whole(AIContent content)
    {
        try
        {
            return Part(content);
        }
        catch (Exception exception) when (ContentJson.IsOfTheValue(exception))
        {
            // The content is deeper than a part may be, or its members throw.
            return PartFormat.Wrap(json => KeptJson.WriteLost(json, content, contents));
        }
    }

    private ContentPart Part(AIContent content) => content switch
    {
        UnknownContent { Part: { } part } => part,
        TextContent text => new TextPart(text.Text) { Metadata = Metadata(content) },
        TextReasoningContent reasoning => new ReasoningPart(reasoning.Text) { ProtectedData = reasoning.ProtectedData, Metadata = Metadata(content) },
        FunctionCallContent call => new ToolCallPart(call.CallId, call.Name, Arguments(call, contents)) { Metadata = Metadata(content) },
        FunctionResultContent result => Result(result),
        // A type that the host has derived keeps its own members, and its bytes are among them.
        DataContent data when data.GetType() == typeof(DataContent) => new DataPart(data.MediaType, data.Data, data.Name) { Metadata = Metadata(content) },
        // An error message for users remains an error part; the errors of a model are content like any other.
        ErrorContent { RawRepresentation: ErrorPart error } made when string.Equals(made.Message, error.Message, StringComparison.Ordinal) => error,
        InputRequestContent request => new ApprovalRequestPart(request.RequestId, ContentJson.Text(json => contents.Write(json, content))),
        InputResponseContent response => new ApprovalResponsePart(response.RequestId, ContentJson.Text(json => contents.Write(json, content))),
        _ => PartFormat.Wrap(json => contents.Write(json, content), IsModelBound(content), MediaTypeOf(content)),
    };

    /// <summary>Returns the media type of what a content refers to, by which it is counted; null if it refers to no media.</summary>
    private static string? MediaTypeOf(AIContent content) => content switch
    {
        UriContent uri => uri.MediaType,
        HostedFileContent file => file.MediaType ?? UnknownMediaType,
        DataContent data => data.MediaType,
        _ => null,
    };

    /// <summary>Returns whether a content is of its provider alone: the calls and results of tools that the provider runs, and what it stores. Another model refuses it or cannot read it.</summary>
    private static bool IsModelBound(AIContent content) => content is ToolCallContent or ToolResultContent or HostedFileContent or HostedVectorStoreContent;

    /// <summary>Returns whether a part is what a call or result is written as, apart from metadata.</summary>
    public static bool States(AIContent content, ContentPart part, ContentJson contents) => (content, part) switch
    {
        (FunctionCallContent call, ToolCallPart written) =>
            string.Equals(call.CallId, written.CallId, StringComparison.Ordinal) && string.Equals(call.Name, written.Name, StringComparison.Ordinal) && string.Equals(Arguments(call, contents), written.Arguments, StringComparison.Ordinal),
        (FunctionResultContent result, ToolResultPart written) =>
            string.Equals(result.CallId, written.CallId, StringComparison.Ordinal) && string.Equals(TextOf(result, contents), written.Content, StringComparison.Ordinal) && result.Exception is not null == written.IsError,
        _ => false,
    };

    private ToolResultPart Result(FunctionResultContent result) => new(result.CallId, TextOf(result, contents))
    {
        Name = (result.RawRepresentation as ToolResultPart)?.Name,
        IsError = result.Exception is not null,
        Metadata = Metadata(result),
    };

    private static string TextOf(FunctionResultContent result, ContentJson contents) => result.Result as string ?? ContentJson.Text(json => contents.Values.Write(json, result.Result));

    private static string Arguments(FunctionCallContent call, ContentJson contents) =>
        call.Exception is FunctionFailedException { Arguments: { } asWritten } ? asWritten
        : call.Arguments is null ? PartFormat.NoArguments
        : ContentJson.Text(json => contents.Values.WriteAll(json, call.Arguments));

    private string? Metadata(AIContent content)
    {
        var previous = (content.RawRepresentation as ContentPart)?.Metadata;
        if (previous is null && content is TextContent or TextReasoningContent && content is { Annotations: null, AdditionalProperties: null })
            return null;

        return OwnMetadata.Write(previous, json =>
        {
            ContentMarks.Write(json, content, isPart: true);
            CommonProperties.Write(json, content.Annotations, content.AdditionalProperties, contents);
            WriteDerived(json, content);
        });
    }

    /// <summary>Writes the complete JSON of a call or result whose type is derived by the host.</summary>
    private void WriteDerived(Utf8JsonWriter json, AIContent content)
    {
        if (content is FunctionCallContent or FunctionResultContent && content.GetType() != typeof(FunctionCallContent) && content.GetType() != typeof(FunctionResultContent))
        {
            json.WritePropertyName(PartFormat.Content);
            contents.Write(json, content);
        }
        else if (OwnMetadata.Read((content.RawRepresentation as ContentPart)?.Metadata) is { } own && own.TryGetProperty(PartFormat.Content, out var derived))
        {
            json.WritePropertyName(PartFormat.Content);
            json.WriteRawValue(derived.GetRawText(), skipInputValidation: true);
        }
    }
}
