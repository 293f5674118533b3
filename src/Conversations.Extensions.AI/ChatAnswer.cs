using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The answer of the model in a turn. It is stored, and returned with the ids under which it is stored.</summary>
/// <remarks>Not thread-safe.</remarks>
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
    private string? _author;
    private AdditionalPropertiesDictionary? _properties;
    private bool _startsMessage;
    private bool _isAnything;
    private readonly StreamedText _text = new();

    /// <summary>Adds a complete response to the turn.</summary>
    /// <returns>The response for the caller.</returns>
    public ChatResponse Add(ChatResponse response)
    {
        var messages = new List<ChatMessage>(response.Messages.Count);
        foreach (var message in response.Messages.Where(static message => message is not null))
        {
            var (given, kept) = (message.Clone(), message.Clone());
            kept.Contents = [.. message.Contents.Where(static piece => piece is not UsageContent)];
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

    /// <summary>Reads a streaming response.</summary>
    public async IAsyncEnumerable<AnswerPiece> ReadAsync(IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (update is null)
                continue;

            foreach (var usage in update.Contents.OfType<UsageContent>())
                Note(usage.Details);
            _model = update.ModelId ?? _model;
            _finishReason = update.FinishReason ?? _finishReason;
            ThrowIfKept(update.ConversationId);
            yield return PieceOf(update);
        }
    }

    /// <summary>Sets what is known of the answer on the turn, whether or not the answer is complete.</summary>
    public void Tell()
    {
        turn.Model = _model ?? options?.ModelId;
        turn.FinishReason = _finishReason?.Value;
        turn.Usage = _isUsageTold ? ChatUsage.Of(_usage) : null;
    }

    /// <summary>Handles the end of the stream. An answer without contents is stored too, under the id that was returned.</summary>
    public void End()
    {
        if (_isAnything && _begun is null)
            turn.Add(content.ToMessage(new ChatMessage(ChatRole.Assistant, []), MessageRole.Assistant));
    }

    private AnswerPiece PieceOf(ChatResponseUpdate update)
    {
        _isAnything = true;
        var role = update.Role is { } told ? RoleOf(told) : Differs(update.MessageId, _providersMessageId) ? MessageRole.Assistant : _role;
        if (role != _role || Differs(update.MessageId, _providersMessageId) || Differs(update.AuthorName, _author))
        {
            (_startsMessage, _author, _properties) = (_begun is not null, null, null);
            _messageId = null;
        }

        (_role, _providersMessageId, _author) = (role, update.MessageId ?? _providersMessageId, update.AuthorName ?? _author);
        _messageId ??= turn.NextMessageId;
        var passedOn = update.Clone();
        passedOn.ConversationId = turn.ConversationId;
        passedOn.MessageId = _messageId ?? update.MessageId;
        passedOn.ContinuationToken = null;
        foreach (var (name, value) in update.AdditionalProperties ?? [])
            (_properties ??= [])[name] = value;
        var contents = update.Contents.Where(static piece => piece is not UsageContent).OfType<AIContent>().Select(_text.Whole).OfType<AIContent>().ToList();
        if (contents.Count == 0)
            return new AnswerPiece(passedOn, Fragment: null, StartsMessage: false);

        var message = new ChatMessage(ChatRole.Assistant, contents) { AuthorName = _author, AdditionalProperties = _properties };
        var piece = new AnswerPiece(passedOn, content.ToMessage(message, _role), _startsMessage);
        (_begun, _startsMessage) = (_role, false);
        return piece;
    }

    // Some clients set the role only on the first update of a message, and some the message id.
    private static bool Differs(string? told, string? before) => told is not null && before is not null && !string.Equals(told, before, StringComparison.Ordinal);

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
            throw new InvalidOperationException("The provider keeps a conversation, which ProviderHistory.Refuse does not allow. Set ProviderHistory to Ignore, or configure the provider not to store conversations.");
    }

    private static MessageRole RoleOf(ChatRole role) => role == ChatRole.Tool ? MessageRole.Tool : MessageRole.Assistant;
}

/// <summary>An update of an answer.</summary>
/// <param name="Update">The update for the caller.</param>
/// <param name="Fragment">The fragment to store; null for none.</param>
/// <param name="StartsMessage">Whether it begins another message than the previous update.</param>
internal sealed record AnswerPiece(ChatResponseUpdate Update, ConversationMessage? Fragment, bool StartsMessage);
