using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Makes parts of contents. Text, reasoning, calls and results are the library's own parts, all else is JSON in a <see cref="RawPart"/>.</summary>
internal sealed class PartWriter(ContentJson contents)
{
    public ContentPart Write(AIContent content) => content switch
    {
        UnknownContent { IsPart: true } unknown => new RawPart(unknown.Json),
        TextContent text => new TextPart(text.Text) { Metadata = Metadata(content) },
        TextReasoningContent reasoning => new ReasoningPart(reasoning.Text) { ProtectedData = reasoning.ProtectedData, Metadata = Metadata(content) },
        FunctionCallContent call => new ToolCallPart(call.CallId, call.Name, Arguments(call)) { Metadata = CallMetadata(call) },
        FunctionResultContent result => Result(result),
        // An error for people stays one; the model's own errors are content like any other.
        ErrorContent { RawRepresentation: ErrorPart error } made when string.Equals(made.Message, error.Message, StringComparison.Ordinal) => error,
        _ => Raw(content),
    };

    private RawPart Raw(AIContent content)
    {
        try
        {
            return new RawPart(PartFormat.Wrap(contents.Write(content)));
        }
        catch (ArgumentException)
        {
            // Deeper than a part may be.
            return new RawPart(PartFormat.Wrap(contents.WriteLost(content)));
        }
    }

    private ToolResultPart Result(FunctionResultContent result)
    {
        var kind = ResultKinds.Of(result.Result);
        return new ToolResultPart(result.CallId, result.Result as string ?? Text(json => contents.Values.WriteOrMark(json, result.Result)))
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
        : Text(json => contents.Values.WriteAll(json, call.Arguments));

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

    /// <summary>Writes the whole of a call or result that is more than one: of a type of the host's that derives from it.</summary>
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

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, ContentJson.Writing))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
