using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Conversations.Storage;

namespace Conversations;

/// <summary>A digest of a request's input and target, by which a repeated idempotency key is known to be the same request. Metadata is no part of what is said, and none of it.</summary>
internal static class TurnFingerprint
{
    /// <summary>Makes the digest.</summary>
    /// <param name="request">The request.</param>
    public static string Of(TurnRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, request.ConversationId ?? (request.StartNew ? "new" : "current"));
        foreach (var message in request.Input)
        {
            // A tool that is called again for a repeated request may well answer otherwise. What it answered first is what happened.
            if (message.Kind == MessageKind.ToolResult)
            {
                Append(hash, "results");
                foreach (var result in message.Parts.OfType<ToolResultPart>())
                    Append(hash, result.CallId);
                continue;
            }

            var (format, text) = MessageContent.Write(WithoutMetadata(message));
            Append(hash, $"{message.Role} {format}");
            Append(hash, text);
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>Makes the digest of a request to answer again: another one than to answer. It goes by the message alone, which may be gone when the request is repeated.</summary>
    /// <param name="messageId">The message by which it was asked.</param>
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
            : message.WithParts(message.Parts.Select(part => part with { Metadata = null })) with { Metadata = null };

    // Each text goes in with its length, so that two texts cannot be taken for two others.
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
