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
    private string? _author;
    private AdditionalPropertiesDictionary? _properties;
    private bool _startsMessage;
    private bool _isAnything;
    private readonly StreamedText _text = new();

    /// <summary>Adds a whole response to the turn.</summary>
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

    /// <summary>Reads a response that comes piece by piece.</summary>
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

    /// <summary>Tells the turn what is known of the answer, whole or not.</summary>
    public void Tell()
    {
        turn.Model = _model ?? options?.ModelId;
        turn.FinishReason = _finishReason?.Value;
        turn.Usage = _isUsageTold ? ChatUsage.Of(_usage) : null;
    }

    /// <summary>The stream has ended. An answer of no contents is an answer, too, and has the id that was passed on.</summary>
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

    // Some say who speaks only where a message begins, and some a message's id only there.
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
            throw new InvalidOperationException("The provider keeps a conversation of its own, which ProviderHistory.Refuse forbids.");
    }

    private static MessageRole RoleOf(ChatRole role) => role == ChatRole.Tool ? MessageRole.Tool : MessageRole.Assistant;
}

/// <summary>A piece of an answer.</summary>
/// <param name="Update">As it is passed on.</param>
/// <param name="Fragment">As it is stored; null if nothing of it is.</param>
/// <param name="StartsMessage">Whether it begins another message than the piece before.</param>
internal sealed record AnswerPiece(ChatResponseUpdate Update, ConversationMessage? Fragment, bool StartsMessage);
