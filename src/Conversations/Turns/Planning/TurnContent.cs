using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Conversations;

/// <summary>Writes content as the JSON of the telemetry conventions. Only for hosts that enable content.</summary>
internal static class TurnContent
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000, SkipValidation = true };

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 512 };

    /// <summary>Writes the parts of a system prompt.</summary>
    public static string Instructions(ConversationMessage systemPrompt) => Write(json => WriteParts(json, systemPrompt));

    /// <summary>Writes the messages that go to the model.</summary>
    public static string Input(IReadOnlyList<ConversationMessage> messages) => Write(json => WriteMessages(json, messages, finishReasonOf: null));

    /// <summary>Writes the output of the turn.</summary>
    /// <param name="messages">The messages that were added.</param>
    /// <param name="isWhole">Whether the turn was committed.</param>
    /// <param name="finishReason">Why the model stopped, which belongs to the last assistant message; null if it is not known.</param>
    public static string Output(IReadOnlyList<ConversationMessage> messages, bool isWhole, string? finishReason)
    {
        var last = finishReason is null ? null : messages.LastOrDefault(message => message.Role == MessageRole.Assistant && message.Kind != MessageKind.Error);
        return Write(json => WriteMessages(json, messages, message =>
            !isWhole || message.IsPartial ? "error"
            : ReferenceEquals(message, last) ? finishReason!
            : FinishReasonOf(message)));
    }

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
            write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteMessages(Utf8JsonWriter json, IReadOnlyList<ConversationMessage> messages, Func<ConversationMessage, string>? finishReasonOf)
    {
        json.WriteStartArray();
        foreach (var message in messages)
        {
            json.WriteStartObject();
            json.WriteString("role", RoleOf(message));
            json.WritePropertyName("parts");
            WriteParts(json, message);
            if (finishReasonOf is not null)
                json.WriteString("finish_reason", finishReasonOf(message));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteParts(Utf8JsonWriter json, ConversationMessage message)
    {
        json.WriteStartArray();
        foreach (var part in message.Parts)
            WritePart(json, part);
        json.WriteEndArray();
    }

    private static void WritePart(Utf8JsonWriter json, ContentPart part)
    {
        if (part is RawPart raw)
        {
            json.WriteRawValue(raw.Json, skipInputValidation: true);
            return;
        }

        json.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                json.WriteString("type", "text");
                json.WriteString("content", text.Text);
                break;
            case ReasoningPart reasoning:
                json.WriteString("type", "reasoning");
                json.WriteString("content", reasoning.Text);
                break;
            case ToolCallPart call:
                json.WriteString("type", "tool_call");
                json.WriteString("id", call.CallId);
                json.WriteString("name", call.Name);
                json.WritePropertyName("arguments");
                WriteArguments(json, call.Arguments);
                break;
            case ToolResultPart result:
                json.WriteString("type", "tool_call_response");
                json.WriteString("id", result.CallId);
                json.WriteString("response", result.Content);
                break;
            case DataPart data:
                // The bytes would make the span as large as the picture.
                json.WriteString("type", "data");
                json.WriteString("mime_type", data.MediaType);
                json.WriteNumber("size", data.Size);
                break;
            case ErrorPart error:
                json.WriteString("type", "error");
                json.WriteString("content", error.Message);
                break;
            default:
                // Any type is allowed here. A part without a standard form is written with its type.
                json.WriteString("type", part.GetType().Name);
                break;
        }

        json.WriteEndObject();
    }

    /// <summary>Writes arguments as JSON if they are valid JSON. Models also write invalid JSON.</summary>
    private static void WriteArguments(Utf8JsonWriter json, string arguments)
    {
        try
        {
            JsonDocument.Parse(arguments, Reading).Dispose();
        }
        catch (JsonException)
        {
            json.WriteStringValue(arguments);
            return;
        }

        json.WriteRawValue(arguments, skipInputValidation: true);
    }

    private static string RoleOf(ConversationMessage message) => message.Role switch
    {
        MessageRole.System => "system",
        MessageRole.User => "user",
        MessageRole.Tool => "tool",
        _ => "assistant",
    };

    private static string FinishReasonOf(ConversationMessage message) => message.Kind switch
    {
        MessageKind.Error => "error",
        MessageKind.ToolCall => "tool_call",
        _ => "stop",
    };
}
