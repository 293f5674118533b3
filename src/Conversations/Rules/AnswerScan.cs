using Conversations.Storage;

namespace Conversations;

/// <summary>Finds where the current answer to an input begins [4.9]. It gets the current messages after the input in their order, each with its run.</summary>
/// <param name="input">The messages that are answered.</param>
/// <param name="isImported">Whether the input belongs to no run.</param>
internal sealed class AnswerScan(MessageSpan input, bool isImported)
{
    private bool _isNext = isImported;
    private bool _isInterrupted;

    /// <summary>Gets the position where the answer begins, so far; null if there is none.</summary>
    public long? Position { get; private set; }

    /// <summary>Takes the next message into account.</summary>
    /// <param name="message">The message.</param>
    /// <param name="run">Its run; null if it has none, or the run no longer exists.</param>
    /// <returns>True if later messages have no effect.</returns>
    public bool Accept(StoredMessage message, ConversationRun? run)
    {
        if (message.RunNumber is null)
        {
            // Imported messages have no runs: the answer follows its question.
            var isAnswer = _isNext && message.Role != MessageRole.User;
            if (isAnswer)
                Position = message.Position;
            _isNext = false;
            _isInterrupted = true;
            return isAnswer;
        }

        var isOnInput = run?.InputPosition == input.Position;
        if (isOnInput && (Position is null || _isInterrupted || run!.IsAnswered()))
            (Position, _isInterrupted) = (message.Position, false);
        _isInterrupted |= !isOnInput;
        return isOnInput && run!.IsAnswered();
    }
}
