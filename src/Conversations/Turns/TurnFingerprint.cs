using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Conversations.Storage;

namespace Conversations;

/// <summary>A digest of a request's input and target, by which a repeated idempotency key is known to be the same request.</summary>
internal static class TurnFingerprint
{
    /// <summary>Makes the digest.</summary>
    /// <param name="request">The request.</param>
    /// <param name="again">The input that is answered again; to answer is another request than to answer again.</param>
    public static string Of(TurnRequest request, MessageSpan? again)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, request.ConversationId ?? (request.StartNew ? "new" : "current"));
        if (again is not null)
            Append(hash, string.Create(CultureInfo.InvariantCulture, $"again {again.Position} {again.Count}"));
        foreach (var message in request.Input)
        {
            var (format, text) = MessageContent.Write(message);
            Append(hash, $"{message.Role} {format}");
            Append(hash, text);
        }

        return Convert.ToBase64String(hash.GetHashAndReset());
    }

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
