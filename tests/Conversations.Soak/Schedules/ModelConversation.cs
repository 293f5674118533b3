namespace Conversations.Soak.Schedules;

/// <summary>A conversation as the model holds it: the message of position n is at index n - 1, null if it was deleted.</summary>
internal sealed class ModelConversation(string id, ModelScope scope, DateTimeOffset now)
{
    public string Id { get; } = id;

    public ModelScope Scope { get; } = scope;

    public List<ModelMessage?> Messages { get; } = [];

    public List<ModelRun> Runs { get; } = [];

    public string? Title { get; set; }

    public string? Metadata { get; set; }

    public ConversationStatus Status { get; private set; }

    public bool IsActive => Status == ConversationStatus.Active;

    public DateTimeOffset CreatedAt { get; } = now;

    public DateTimeOffset LastActivityAt { get; private set; } = now;

    public DateTimeOffset? LastMessageAt => Messages.LastOrDefault(message => message is not null)?.CreatedAt;

    /// <summary>The number of the next run: runs count from 1 within their conversation.</summary>
    public long NextNumber => (Runs.LastOrDefault()?.Number ?? 0) + 1;

    public DateTimeOffset? EndedAt { get; private set; }

    public string? ForkedFrom { get; init; }

    public ModelLease? Lease { get; set; }

    public bool IsDeleted { get; set; }

    public ModelMessage? At(long position) => position >= 1 && position <= Messages.Count ? Messages[(int)position - 1] : null;

    /// <summary>Deletes a message. A title that was made of it is made of the first user message that remains.</summary>
    public void DeleteMessage(long position)
    {
        if (At(position) is { Role: MessageRole.User } message && string.Equals(message.Content, Title, StringComparison.Ordinal))
            Title = Messages.OfType<ModelMessage>().Take(16).FirstOrDefault(other => other != message && other.Role == MessageRole.User)?.Content;
        if (At(position) is not null)
            Messages[(int)position - 1] = null;
    }

    public bool IsLockedAt(DateTimeOffset now) => Lease?.IsHeldAt(now) == true;

    public bool IsHeldBy(ModelRun run) => !IsDeleted && Lease?.Run == run;

    private void Touch(DateTimeOffset now) => LastActivityAt = now > LastActivityAt || LastActivityAt - now > TimeSpan.FromDays(1) ? now : LastActivityAt;

    public void Reopen(DateTimeOffset now)
    {
        (Status, EndedAt) = (ConversationStatus.Active, null);
        Touch(now);
    }

    public void End(DateTimeOffset now)
    {
        Status = ConversationStatus.Ended;
        EndedAt ??= now;
    }

    /// <summary>The end of a run is activity if it added messages, or if its input is the end of the conversation.</summary>
    public void TouchAtEnd(ModelRun run, int added, DateTimeOffset now)
    {
        if (added > 0 || run.InputEnd >= Messages.Count)
            Touch(now);
    }

    public long Append(IReadOnlyList<ModelMessage> messages, ModelRun? run)
    {
        if (messages.Count == 0)
            return 0;

        foreach (var message in messages)
        {
            message.Run = run;
            Messages.Add(message);
        }

        return Messages.Count - messages.Count + 1;
    }

    /// <summary>Ends the holder's run, if there is one, as a takeover does.</summary>
    public void Interrupt(DateTimeOffset now)
    {
        if (Lease is null)
            return;

        Lease.Run.End(RunStatus.Interrupted, now);
        TouchAtEnd(Lease.Run, added: 0, now);
        Lease = null;
    }

    /// <summary>Whether all messages of a span exist.</summary>
    public bool Holds(long position, int count) => count > 0 && Enumerable.Range(0, count).All(i => At(position + i) is not null);

    public bool IsCurrent(long position, int count) => Holds(position, count) && Enumerable.Range(0, count).All(i => At(position + i)!.SupersededBy is null);

    public void Supersede(long from, ModelRun by)
    {
        by.SupersededFrom = Math.Clamp(from, 1, Messages.Count + 1);
        foreach (var message in Messages.Skip((int)from - 1).OfType<ModelMessage>().Where(message => message.SupersededBy is null))
            Supersede(message, by);
    }

    public void SupersedeOne(long position, ModelRun by) => Supersede(At(position)!, by);

    private static void Supersede(ModelMessage message, ModelRun by)
    {
        message.SupersededBy = by;
        if (message.Run is { } run && run != by)
            run.SupersededBy = by;
    }

    public void Restore(ModelRun superseder, long from = 1, long through = long.MaxValue)
    {
        var restored = Messages.Where((message, index) => message?.SupersededBy == superseder && index + 1 >= from && index + 1 <= through).OfType<ModelMessage>().ToList();
        restored.ForEach(message => message.SupersededBy = null);
        foreach (var run in restored.Select(message => message.Run).OfType<ModelRun>().Distinct())
        {
            run.SupersededBy = Messages
                .Where((message, index) => message?.Run == run && run.Covers(index + 1))
                .Select(message => message!.SupersededBy)
                .Where(by => by is not null && by != run)
                .MaxBy(by => by!.Number);
        }
    }

    /// <summary>The input that a message answers or is part of; null if it no longer exists.</summary>
    public (long Position, int Count)? InputOf(long position)
    {
        if (At(position) is not { } message)
            return null;
        if (message.Run is { } run)
            return Holds(run.InputPosition, run.InputCount) ? (run.InputPosition, run.InputCount) : null;

        for (; position >= 1; position--)
        {
            if (At(position) is { Role: MessageRole.User })
                return (position, 1);
        }

        return null;
    }

    /// <summary>Where the current answer to an input begins: the answer of a finished run, or else the partial output after the last message of others; null if there is none.</summary>
    public long? AnswerTo(long inputPosition, int inputCount)
    {
        var after = Enumerable.Range((int)inputPosition + inputCount, Math.Max(0, Messages.Count - (int)inputPosition - inputCount + 1))
            .Where(position => At(position) is { SupersededBy: null })
            .ToList();
        var answers = after.FindAll(position => At(position)!.Run?.InputPosition == inputPosition);
        // The message after a copied question is its answer, unless it is a user's.
        if (At(inputPosition)!.Run is null && after.Find(position => At(position)!.Run is null) is > 0 and var next && At(next)!.Role != MessageRole.User)
            return next;

        if (answers.Find(position => At(position)!.Run!.IsCommitted) is > 0 and var finished)
            return finished;

        // The last group of partial output without messages of others between: those messages remain current.
        var lastOther = after.FindLastIndex(position => position < answers.LastOrDefault() && !answers.Contains(position));
        return answers.Count > 0 ? after[lastOther + 1] : null;
    }

    /// <summary>The partial output of runs on an input, if no other message follows the input; otherwise null.</summary>
    public long? HalfDone(long inputPosition, int inputCount)
    {
        var after = Enumerable.Range((int)inputPosition + inputCount, Math.Max(0, Messages.Count - (int)inputPosition - inputCount + 1))
            .Where(position => At(position) is { SupersededBy: null })
            .ToList();
        return after.Count > 0 && after.TrueForAll(position => At(position)!.Run is { IsCommitted: false } run && run.InputPosition == inputPosition) ? after[0] : null;
    }

    /// <summary>Why what a run superseded cannot be restored; null if it can.</summary>
    public string? RefusalOfRestoring(long position, ModelRun superseder)
    {
        if (!Holds(superseder.InputPosition, superseder.InputCount))
            return ConversationErrorCodes.ConversationNotFound;

        var input = Enumerable.Range(0, superseder.InputCount).Select(i => At(superseder.InputPosition + i)!.SupersededBy).ToList();
        if (input.Exists(by => by is not null && by != superseder))
            return ConversationErrorCodes.MessageSuperseded;
        if (input.TrueForAll(by => by is null))
            return null;
        if (PlaceOf(superseder) is { } place)
            return At(place) is null ? ConversationErrorCodes.ConversationNotFound : At(place)!.SupersededBy is null ? null : ConversationErrorCodes.MessageSuperseded;

        // A single message needs what it answers.
        return At(position)!.Run is { } run && position > run.InputEnd && Holds(run.InputPosition, run.InputCount) && !IsCurrent(run.InputPosition, run.InputCount) ? ConversationErrorCodes.MessageSuperseded : null;
    }

    /// <summary>The position from which a restore of what a run superseded supersedes messages; null for none.</summary>
    public long? RestoresFrom(ModelRun superseder)
    {
        if (!IsCurrent(superseder.InputPosition, superseder.InputCount))
            return PlaceOf(superseder);
        if (superseder.SupersededFrom <= superseder.InputPosition)
            return superseder.SupersededFrom;

        var first = Enumerable.Range(1, Messages.Count).First(position => position > superseder.InputEnd && At(position)?.SupersededBy == superseder);
        return Math.Min(first, AnswerTo(superseder.InputPosition, superseder.InputCount) ?? long.MaxValue);
    }

    private static long? PlaceOf(ModelRun superseder) => superseder.SupersededFrom ?? superseder.Replaced;
}
