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
            return new RawPart(PartFormat.Wrap(contents.WriteLost(content)));
        }
    }

    private ContentPart Part(AIContent content) => content switch
    {
        UnknownContent { IsPart: true } unknown => new RawPart(unknown.Json),
        TextContent text => new TextPart(text.Text) { Metadata = Metadata(content) },
        TextReasoningContent reasoning => new ReasoningPart(reasoning.Text) { ProtectedData = reasoning.ProtectedData, Metadata = Metadata(content) },
        FunctionCallContent call => new ToolCallPart(call.CallId, call.Name, Arguments(call)) { Metadata = CallMetadata(call) },
        FunctionResultContent result => Result(result),
        // An error message for users remains an error part; the errors of a model are content like any other.
        ErrorContent { RawRepresentation: ErrorPart error } made when string.Equals(made.Message, error.Message, StringComparison.Ordinal) => error,
        _ => new RawPart(PartFormat.Wrap(contents.Write(content))),
    };

    private ToolResultPart Result(FunctionResultContent result)
    {
        var kind = ResultKinds.Of(result.Result);
        return new ToolResultPart(result.CallId, result.Result as string ?? ContentJson.Text(json => contents.Values.Write(json, result.Result)))
        {
            Name = (result.RawRepresentation as ToolResultPart)?.Name,
            IsError = result.Exception is not null,
            Metadata = Metadata(result, json =>
            {
                if (kind is not null)
                    json.WriteString(PartFormat.Result, kind);
            }),
        };
    }

    private string Arguments(FunctionCallContent call) =>
        call.Exception is FunctionFailedException { Arguments: { } asWritten } ? asWritten
        : call.Arguments is null ? PartFormat.NoArguments
        : ContentJson.Text(json => contents.Values.WriteAll(json, call.Arguments));

    private string? CallMetadata(FunctionCallContent call) => Metadata(call, json =>
    {
        if (call.InformationalOnly)
            json.WriteBoolean(PartFormat.InformationalOnly, value: true);
        if (call.Exception is not null and not FunctionFailedException { Arguments: not null })
            json.WriteBoolean(PartFormat.Failed, value: true);
    });

    private string? Metadata(AIContent content, Action<Utf8JsonWriter>? more = null)
    {
        var previous = (content.RawRepresentation as ContentPart)?.Metadata;
        if (more is null && previous is null && content is { Annotations: null, AdditionalProperties: null })
            return null;

        return OwnMetadata.Write(previous, json =>
        {
            more?.Invoke(json);
            CommonProperties.Write(json, content.Annotations, content.AdditionalProperties, contents);
            WriteDerived(json, content);
        });
    }

    /// <summary>Writes the complete JSON of a call or result whose type is derived by the host.</summary>
    private void WriteDerived(Utf8JsonWriter json, AIContent content)
    {
        if (content is FunctionCallContent or FunctionResultContent && content.GetType() != typeof(FunctionCallContent) && content.GetType() != typeof(FunctionResultContent))
        {
            json.WritePropertyName(PartFormat.Derived);
            contents.Write(json, content);
        }
        else if (OwnMetadata.Read((content.RawRepresentation as ContentPart)?.Metadata) is { } own && own.TryGetProperty(PartFormat.Derived, out var derived))
        {
            json.WritePropertyName(PartFormat.Derived);
            json.WriteRawValue(derived.GetRawText(), skipInputValidation: true);
        }
    }
}
