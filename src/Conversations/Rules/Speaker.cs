using System.Security.Cryptography;
using System.Text;

namespace Conversations;

/// <summary>The caller of a turn, who is the author of its input in a conversation that several callers share [11.1].</summary>
/// <param name="name">The name of the caller.</param>
/// <param name="tokens">What the name costs in a prompt.</param>
internal sealed class Speaker(string name, long tokens)
{
    // Too few to find the key, or to confirm a guess of one that is hard to guess; enough for the guests of a conversation.
    private const int BytesOfGuest = 2;

    /// <summary>The name of a caller; null if nothing distinguishes it from others who share the conversation. The fields of a guest, such as a session, can be secret, so they are not in its name.</summary>
    /// <param name="caller">The caller; null for the host.</param>
    /// <param name="partitionBy">The fields whose values all callers of the conversation have in common.</param>
    public static string? NameOf(ConversationIdentity? caller, IReadOnlyCollection<string> partitionBy) =>
        caller is null ? null
        : caller.UserId ?? (caller.Fields.Keys.Any(field => !partitionBy.Contains(field, StringComparer.Ordinal)) ? NameOfGuest(caller.Key) : null);

    /// <summary>Whether input that is appended to a conversation has the caller as its author. One without a channel is shared.</summary>
    public static bool SpeaksIn(string? channel) => channel is null;

    /// <summary>Names the author of each user's message that has none.</summary>
    public IReadOnlyList<ConversationMessage> Sign(IReadOnlyList<ConversationMessage> input)
    {
        var signed = new ConversationMessage[input.Count];
        for (var i = 0; i < signed.Length; i++)
            signed[i] = input[i] is { Role: MessageRole.User, AuthorName: null } message ? Signed(message) : input[i];
        return signed;
    }

    private static string NameOfGuest(string key) => $"guest {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)).AsSpan(0, BytesOfGuest))}";

    private ConversationMessage Signed(ConversationMessage message) => message with
    {
        AuthorName = name,
        Tokens = message.Tokens is { } counted ? counted with { Count = (int)Math.Min(counted.Count + tokens + PromptCost.CountLines(message), int.MaxValue) } : null,
    };
}
