using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The answer of the model in a turn. It is stored, and returned with the ids under which it is stored.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class ChatAnswer(ConversationTurn turn, ChatContent content, ProviderHistory providerHistory, ChatOptions? options)
{
    private readonly List<(string? Model, UsageDetails Usage)> _used = [];
    private string? _model;
    private ChatFinishReason? _finishReason;
    private MessageRole _role = MessageRole.Assistant;
    private bool _hasFragment;
    private string? _messageId;
    private string? _providersMessageId;
    private string? _author;
    private AdditionalPropertiesDictionary? _properties;
    private bool _startsMessage;
    private bool _hasUpdates;
    private readonly StreamedText _text = new();
    private readonly UnansweredCalls _calls = new();
    private readonly ConcurrentDictionary<ToolCallPart, FunctionCallContent> _streamed = new(ReferenceEqualityComparer.Instance);
    private int _requests;

    /// <summary>Adds a complete response to the turn.</summary>
    /// <returns>The response for the caller.</returns>
    public ChatResponse Add(ChatResponse response)
    {
        var messages = new List<ChatMessage>(response.Messages.Count);
        foreach (var message in response.Messages.Where(static message => message is not null))
        {
            var (returned, stored) = (message.Clone(), message.Clone());
            returned.Contents = Noted(message.Contents);
            stored.Contents = [.. returned.Contents.Where(static item => item is not UsageContent)];
            returned.MessageId = turn.Add(content.ToMessage(stored, RoleOf(message.Role))).Id ?? message.MessageId;
            messages.Add(returned);
        }

        _model = response.ModelId;
        AddUsage(response.Usage);
        _finishReason = response.FinishReason;
        SetOutcome();
        ThrowIfProviderHistoryIsRefused(response.ConversationId);
        _calls.ThrowIfApprovalWasNotRequested(options);
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

            _model = update.ModelId ?? _model;
            foreach (var usage in update.Contents.OfType<UsageContent>())
                AddUsage(usage.Details);
            _finishReason = update.FinishReason ?? _finishReason;
            ThrowIfProviderHistoryIsRefused(update.ConversationId);
            if (StartsAnother(update) && EndOfText() is { } end)
                yield return end;
            yield return PieceOf(update);
        }

        if (EndOfText() is { } last)
            yield return last;
    }

    /// <summary>Returns the metadata of a streamed call with the marks that it has got since it arrived: a client inside marks a call when it has invoked the function. A source that was stopped can still add calls meanwhile.</summary>
    public string? MetadataOf(ToolCallPart part) =>
        _streamed.TryGetValue(part, out var call) && call.InformationalOnly && content.ToParts([call]) is [ToolCallPart marked] ? marked.Metadata : part.Metadata;

    /// <summary>Sets the model, the finish reason and the usage of the turn, by model if there were several, whether or not the answer is complete.</summary>
    public void SetOutcome()
    {
        var asked = turn.Model;
        turn.Usage = null;
        foreach (var (model, details) in _used)
        {
            if (ChatUsage.Of(details) is { } usage)
                turn.AddUsage(model ?? _model ?? asked, usage);
        }

        turn.Model = _model ?? asked;
        turn.FinishReason = _finishReason?.Value;
    }

    /// <summary>Handles the end of the stream. A last message without contents is stored too, under the id that was returned.</summary>
    public void End()
    {
        if (_hasUpdates && (!_hasFragment || _startsMessage))
            turn.Add(content.ToMessage(new ChatMessage(ChatRole.Assistant, []), MessageRole.Assistant));
        _calls.ThrowIfApprovalWasNotRequested(options);
    }

    private AnswerPiece PieceOf(ChatResponseUpdate update)
    {
        _hasUpdates = true;
        var role = RoleOf(update);
        if (StartsAnother(update))
        {
            (_startsMessage, _author, _properties) = (_hasFragment, null, null);
            (_messageId, _providersMessageId) = (null, null);
        }

        (_role, _providersMessageId, _author) = (role, update.MessageId ?? _providersMessageId, update.AuthorName ?? _author);
        _messageId ??= turn.NextMessageId;
        var returned = update.Clone();
        returned.ConversationId = turn.ConversationId;
        returned.MessageId = _messageId ?? update.MessageId;
        returned.ContinuationToken = null;
        returned.Contents = Noted(update.Contents);
        foreach (var (name, value) in update.AdditionalProperties ?? [])
            (_properties ??= [])[name] = value;
        var contents = returned.Contents.Where(static item => item is not UsageContent).OfType<AIContent>().SelectMany(_text.Whole).ToList();
        if (contents.Count == 0)
            return new AnswerPiece(returned, Fragment: null, StartsMessage: false);

        var fragment = FragmentOf(contents);
        foreach (var call in contents.OfType<FunctionCallContent>())
        {
            if (fragment.Parts.OfType<ToolCallPart>().FirstOrDefault(part => string.Equals(part.CallId, call.CallId, StringComparison.Ordinal) && !_streamed.ContainsKey(part)) is { } part)
                _streamed[part] = call;
        }

        var piece = new AnswerPiece(returned, fragment, _startsMessage);
        (_hasFragment, _startsMessage) = (true, false);
        return piece;
    }

    private AnswerPiece? EndOfText() => _text.End() is { } end ? new AnswerPiece(Update: null, FragmentOf([end]), StartsMessage: false) : null;

    private ConversationMessage FragmentOf(List<AIContent> contents) => content.ToMessage(new ChatMessage(ChatRole.Assistant, contents) { AuthorName = _author, AdditionalProperties = _properties }, _role);

    private bool StartsAnother(ChatResponseUpdate update) => RoleOf(update) != _role || Differs(update.MessageId, _providersMessageId) || Differs(update.AuthorName, _author);

    // A client that calls functions sets the role on the results. What the model adds then may have neither role nor id.
    private MessageRole RoleOf(ChatResponseUpdate update) => update.Role is { } role ? RoleOf(role)
        : Differs(update.MessageId, _providersMessageId) || update.Contents.Any(static item => item is not (ToolResultContent or UsageContent)) ? MessageRole.Assistant
        : _role;

    private List<AIContent> Noted(IEnumerable<AIContent> contents)
    {
        var noted = new List<AIContent>();
        foreach (var item in contents)
        {
            _calls.Add(item);
            noted.Add(item is ToolApprovalRequestContent request && turn.RunId is { } runId ? ChatApprovals.WithOwnId(request, runId, ++_requests) : item);
        }

        return noted;
    }

    // Some clients set the role only on the first update of a message, and some the message id.
    private static bool Differs(string? current, string? previous) => current is not null && previous is not null && !string.Equals(current, previous, StringComparison.Ordinal);

    private void AddUsage(UsageDetails? usage)
    {
        if (usage is null)
            return;

        // What one model reports in several pieces belongs together.
        if (_used.FindIndex(used => string.Equals(used.Model, _model, StringComparison.Ordinal)) is >= 0 and var known)
            _used[known].Usage.Add(usage);
        else
            _used.Add((_model, Copy(usage)));
    }

    private static UsageDetails Copy(UsageDetails usage)
    {
        var copy = new UsageDetails();
        copy.Add(usage);
        return copy;
    }

    private void ThrowIfProviderHistoryIsRefused(string? conversationId)
    {
        if (conversationId is not null && providerHistory == ProviderHistory.Refuse)
            throw new InvalidOperationException("The provider keeps a conversation, which ProviderHistory.Refuse does not allow. Set ProviderHistory to Ignore, or configure the provider not to store conversations.");
    }

    private static MessageRole RoleOf(ChatRole role) => role == ChatRole.Tool ? MessageRole.Tool : MessageRole.Assistant;
}

/// <summary>An update of an answer.</summary>
/// <param name="Update">The update for the caller; null for none.</param>
/// <param name="Fragment">The fragment to store; null for none.</param>
/// <param name="StartsMessage">Whether it begins another message than the previous update.</param>
internal sealed record AnswerPiece(ChatResponseUpdate? Update, ConversationMessage? Fragment, bool StartsMessage);
