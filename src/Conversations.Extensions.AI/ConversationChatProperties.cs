using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The names of the <c>AdditionalProperties</c> of a response, or of the last update of a stream, that describe its turn. The first update of a stream has the <see cref="RunId"/>. They are missing if the turn is not stored.</summary>
public static class ConversationChatProperties
{
    /// <summary>The id of the run, a <see cref="string"/>.</summary>
    public const string RunId = "conversations.run_id";

    /// <summary>The id of the first input message, a <see cref="string"/>.</summary>
    public const string InputMessageId = "conversations.input_message_id";

    /// <summary>Whether the response is the result of an earlier run of the same request, a <see cref="bool"/>.</summary>
    public const string IsReplay = "conversations.is_replay";

    /// <summary>Why a conversation was created, a <see cref="string"/> with the name of a <see cref="ConversationStartReason"/>; missing if a conversation was continued.</summary>
    public const string StartReason = "conversations.start_reason";

    /// <summary>Names the run on the first update of a stream, so that it can be stopped.</summary>
    internal static ChatResponseUpdate Named(ChatResponseUpdate first, string? runId)
    {
        if (runId is not null)
            (first.AdditionalProperties = first.AdditionalProperties is null ? [] : new(first.AdditionalProperties))[RunId] = runId;
        return first;
    }

    internal static AdditionalPropertiesDictionary? Of(TurnResult result, AdditionalPropertiesDictionary? others)
    {
        if (result.RunId is null)
            return others;

        var properties = others is null ? [] : new AdditionalPropertiesDictionary(others);
        properties[RunId] = result.RunId;
        properties[IsReplay] = result.IsReplay;
        if (result.InputMessageId is not null)
            properties[InputMessageId] = result.InputMessageId;
        if (result.StartReason is { } reason)
            properties[StartReason] = reason.ToString();
        return properties;
    }
}
