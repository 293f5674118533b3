using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies what to do if a request continues from an earlier message than the last answer of the conversation. Its caller has either dropped later messages, as when a user edits one and sends it again, or does not know them, because another device added them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EarlierMessagePolicy>))]
public enum EarlierMessagePolicy
{
    /// <summary>The request is refused (<see cref="HistoryOutdatedException"/>). This is the default: replacing would hide messages that the caller may not know. A question of the same caller that has no answer is replaced.</summary>
    Refuse,

    /// <summary>The input replaces what follows the earlier message, see <see cref="TurnRequest.ReplaceMessageId"/>. If a message other than a user's follows it, the request is refused.</summary>
    Replace,

    /// <summary>The input is appended after the messages that the caller may not know.</summary>
    Append,
}
