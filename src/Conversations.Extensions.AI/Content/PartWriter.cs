using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Converts contents to parts. Text, reasoning, calls and results become parts of the library; all other contents become JSON in a <see cref="RawPart"/>.</summary>
internal sealed class PartWriter(ContentJson contents)
{
    public ContentPart Write(AIContent content)
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
        UnknownContent { IsPart: true } unknown => new RawPart(unknown.Json),
        TextContent text => new TextPart(text.Text) { Metadata = Metadata(content) },
        TextReasoningContent reasoning => new ReasoningPart(reasoning.Text) { ProtectedData = reasoning.ProtectedData, Metadata = Metadata(content) },
        FunctionCallContent call => new ToolCallPart(call.CallId, call.Name, Arguments(call)) { Metadata = Metadata(content) },
        FunctionResultContent result => Result(result),
        // An error message for users remains an error part; the errors of a model are content like any other.
        ErrorContent { RawRepresentation: ErrorPart error } made when string.Equals(made.Message, error.Message, StringComparison.Ordinal) => error,
        _ => PartFormat.Wrap(json => contents.Write(json, content)),
    };

    private ToolResultPart Result(FunctionResultContent result) => new(result.CallId, result.Result as string ?? ContentJson.Text(json => contents.Values.Write(json, result.Result)))
    {
        Name = (result.RawRepresentation as ToolResultPart)?.Name,
        IsError = result.Exception is not null,
        Metadata = Metadata(result),
    };

    private string Arguments(FunctionCallContent call) =>
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
