using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>What the model answers in a turn: stored, and passed on by the ids under which it is.</summary>
/// <remarks>Not safe from several threads at once.</remarks>
internal sealed class ChatAnswer(ConversationTurn turn, ChatContent content, ProviderHistory providerHistory, ChatOptions? options)
{
    private readonly UsageDetails _usage = new();
    private bool _isUsageTold;
    private string? _model;
    private ChatFinishReason? _finishReason;
    private MessageRole _role = MessageRole.Assistant;
    private MessageRole? _begun;
    private string? _messageId;
    private string? _providersMessageId;
    private readonly StreamedText _text = new();

    /// <summary>Adds a whole response to the turn.</summary>
    /// <returns>The response for the caller.</returns>
    public ChatResponse Add(ChatResponse response)
    {
        var messages = new List<ChatMessage>(response.Messages.Count);
        foreach (var message in response.Messages)
        {
            var (given, kept) = (message.Clone(), message.Clone());
            kept.Contents = [.. message.Contents.Where(static piece => piece is not UsageContent)];
            if (kept.Contents.Count > 0)
                given.MessageId = turn.Add(content.ToMessage(kept, RoleOf(message.Role))).Id ?? message.MessageId;
            messages.Add(given);
        }

        Note(response.Usage);
        _model = response.ModelId;
        _finishReason = response.FinishReason;
        Tell();
        ThrowIfKept(response.ConversationId);
        return new ChatResponse(messages)
        {
            ConversationId = turn.ConversationId,
            ResponseId = response.ResponseId,
            ModelId = response.ModelId,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason,
            Usage = response.Usage,
            RawRepresentation = response.RawRepresentation,
            AdditionalProperties = response.AdditionalProperties,
        };
    }

    /// <summary>Reads a response that comes piece by piece.</summary>
    public async IAsyncEnumerable<AnswerPiece> ReadAsync(IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var usage in update.Contents.OfType<UsageContent>())
                Note(usage.Details);
            _model = update.ModelId ?? _model;
            _finishReason = update.FinishReason ?? _finishReason;
            ThrowIfKept(update.ConversationId);
            yield return PieceOf(update);
        }
    }

    /// <summary>Tells the turn what is known of the answer, whole or not.</summary>
    public void Tell()
    {
        turn.Model = _model ?? options?.ModelId;
        turn.FinishReason = _finishReason?.Value;
        turn.Usage = _isUsageTold ? ChatUsage.Of(_usage) : null;
    }

    private AnswerPiece PieceOf(ChatResponseUpdate update)
    {
        _role = update.Role is { } role ? RoleOf(role) : IsNext(update) ? MessageRole.Assistant : _role;
        _providersMessageId = update.MessageId ?? _providersMessageId;
        if (_begun != _role)
            _messageId = turn.NextMessageId;

        var passedOn = update.Clone();
        passedOn.ConversationId = turn.ConversationId;
        passedOn.MessageId = _messageId ?? update.MessageId;
        passedOn.ContinuationToken = null;
        var contents = update.Contents.Where(static piece => piece is not UsageContent).Select(_text.Whole).OfType<AIContent>().ToList();
        if (contents.Count == 0)
            return new AnswerPiece(passedOn, Fragment: null);

        _begun = _role;
        return new AnswerPiece(passedOn, content.ToMessage(new ChatMessage(ChatRole.Assistant, contents) { AuthorName = update.AuthorName }, _role));
    }

    // Some say the role only where a message begins that is not an assistant's.
    private bool IsNext(ChatResponseUpdate update) =>
        update.MessageId is not null && _providersMessageId is not null && !string.Equals(update.MessageId, _providersMessageId, StringComparison.Ordinal);

    private void Note(UsageDetails? usage)
    {
        if (usage is null)
            return;

        _usage.Add(usage);
        _isUsageTold = true;
    }

    private void ThrowIfKept(string? providersId)
    {
        if (providersId is not null && providerHistory == ProviderHistory.Refuse)
            throw new InvalidOperationException("The provider keeps a conversation of its own, which ProviderHistory.Refuse forbids.");
    }

    private static MessageRole RoleOf(ChatRole role) => role == ChatRole.Tool ? MessageRole.Tool : MessageRole.Assistant;
}

/// <summary>A piece of an answer.</summary>
/// <param name="Update">As it is passed on.</param>
/// <param name="Fragment">As it is stored; null if nothing of it is.</param>
internal sealed record AnswerPiece(ChatResponseUpdate Update, ConversationMessage? Fragment);
