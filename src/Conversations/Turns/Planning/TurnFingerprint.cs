using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Conversations.Storage;

namespace Conversations;

/// <summary>Computes the digest of the input and target of a request, by which a repeated idempotency key is recognized as the same request. Metadata is not included.</summary>
internal static class TurnFingerprint
{
    /// <summary>Computes the digest of a request.</summary>
    /// <param name="request">The request.</param>
    public static string Of(TurnRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, request.ConversationId ?? (request.StartNew ? "new" : "current"));
        if (request.ReplaceMessageId is { } replaced)
        {
            Append(hash, "instead of");
            Append(hash, replaced);
        }

        foreach (var message in request.Input)
        {
            // A tool that is called again for a repeated request can return another result. The first result is the one that is stored.
            if (message.Kind == MessageKind.ToolResult)
            {
                Append(hash, "results");
                foreach (var result in message.Parts.OfType<ToolResultPart>())
                    Append(hash, result.CallId);

                // A decision is not made again: another one is another request.
                foreach (var response in message.Parts.OfType<ApprovalResponsePart>())
                {
                    Append(hash, "response");
                    Append(hash, response.RequestId);
                    Append(hash, response.Json);
                }

                continue;
            }

            var (format, text) = MessageContent.Write(WithoutMetadata(message));
            Append(hash, $"{message.Role} {format}");
            Append(hash, text);
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>Computes the digest of a request to answer again, which differs from that of the original request. It depends on the id of the message only, which may be deleted when the request is repeated.</summary>
    /// <param name="messageId">The id of the message that the request names.</param>
    public static string OfAgain(string messageId)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "again");
        Append(hash, messageId);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    private static ConversationMessage WithoutMetadata(ConversationMessage message) =>
        message.Metadata is null && message.Parts.All(part => part.Metadata is null)
            ? message
            : message.Content() with { Parts = [.. message.Parts.Select(static part => part with { Metadata = null })], Metadata = null };

    // The length precedes each text, so that different sequences of texts have different digests.
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
