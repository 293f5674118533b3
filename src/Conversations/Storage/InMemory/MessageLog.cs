namespace Conversations.Storage;

/// <summary>The messages of one conversation: position n stands at index n - 1, a deleted one leaves a hole. Used under the scope's gate.</summary>
internal sealed class MessageLog
{
    // Room for most windows, so that one that tokens limit does not ask for as much as the conversation is long.
    private const int UsualWindow = 64;

    private readonly List<ConversationMessage?> _messages = [];

    public long LastPosition => _messages.Count;

    public void Append(ConversationMessage message) => _messages.Add(message);

    /// <summary>Whether every message of a span is there and current (rule 19.1).</summary>
    public bool AreCurrent(MessageSpan span) =>
        span.Position >= 1 && span.Position <= _messages.Count && span.End <= _messages.Count && Span(span.Position, span.Count).All(IsCurrent);

    /// <summary>Whether a message of a span is superseded; one that was deleted is not.</summary>
    public bool HasSuperseded(MessageSpan span) => Span(span.Position, span.Count).Any(message => message is { IsSuperseded: true });

    /// <summary>Supersedes what is current from a position on (rule 19.2).</summary>
    /// <returns>The runs that it belongs to.</returns>
    public HashSet<long> Supersede(long from, long run) => Mark(IndexAbove(Math.Max(from, 1) - 1), IsCurrent, run);

    /// <summary>Makes current again what a run superseded (rule 19.3).</summary>
    /// <returns>The runs that it belongs to.</returns>
    public HashSet<long> Restore(long run) => Mark(0, message => message?.SupersededBy == run, supersededBy: null);

    /// <summary>The last run but itself that superseded a message of a run and was not undone; <see langword="null"/> if none did (rule 19.5).</summary>
    public long? LastToSupersede(ConversationRun run) => Span(run.InputPosition, run.InputCount)
        .Concat(Span(run.OutputPosition, run.OutputCount))
        .Where(message => message?.RunNumber == run.Number && message.SupersededBy != run.Number)
        .Max(message => message!.SupersededBy);

    /// <summary>Deletes a message, which leaves a hole.</summary>
    /// <returns>What stood there; <see langword="null"/> if nothing did.</returns>
    public ConversationMessage? Delete(long position)
    {
        if (position < 1 || position > _messages.Count || _messages[(int)position - 1] is not { } deleted)
            return null;

        _messages[(int)position - 1] = null;
        return deleted;
    }

    /// <summary>Gives a message another token count; where nothing stands, nothing happens (rule 4.8).</summary>
    public void Recount(long position, TokenAmount tokens)
    {
        if (position >= 1 && position <= _messages.Count && _messages[(int)position - 1] is { } message)
            _messages[(int)position - 1] = message with { Tokens = tokens };
    }

    /// <summary>How many messages stand after a position, up to another and including it; how many of them are superseded, and the last run that superseded one, or 0.</summary>
    public (int All, int Superseded, long LastSupersededBy) Count(long after, long through)
    {
        var (all, superseded, last) = (0, 0, 0L);
        for (var index = IndexAbove(after); index < IndexAbove(through); index++)
        {
            if (_messages[index] is not { } message)
                continue;

            all++;
            superseded += message.IsSuperseded ? 1 : 0;
            last = Math.Max(last, message.SupersededBy ?? 0);
        }

        return (all, superseded, last);
    }

    public List<ConversationMessage> Window(WindowQuery query)
    {
        var window = new List<ConversationMessage>(Math.Min(query.Limit, UsualWindow));
        var oldest = IndexAbove(query.After);
        var tokens = 0L;
        for (var index = IndexBelow(query.Before); index >= oldest && window.Count < query.Limit; index--)
        {
            if (_messages[index] is not { Kind: not MessageKind.Error, IsSuperseded: false } message)
                continue;

            tokens += message.Tokens is { } counted && string.Equals(counted.Counter, query.TokenLimit?.Counter, StringComparison.Ordinal) ? counted.Count : 0;
            if (tokens > query.TokenLimit?.Count)
                break;
            window.Add(message);
        }

        window.Reverse();
        return window;
    }

    public List<ConversationMessage> Page(MessageRange query)
    {
        var page = new List<ConversationMessage>(Math.Min(query.Limit, _messages.Count));
        var step = query.NewestFirst ? -1 : 1;
        var index = query.NewestFirst ? IndexBelow(query.After ?? long.MaxValue) : IndexAbove(query.After ?? 0);
        for (; index >= 0 && index < _messages.Count && page.Count < query.Limit; index += step)
        {
            if (_messages[index] is { } message && !(query.CurrentOnly && message.IsSuperseded))
                page.Add(message);
        }

        return page;
    }

    private static bool IsCurrent(ConversationMessage? message) => message is { IsSuperseded: false };

    private HashSet<long> Mark(int index, Predicate<ConversationMessage?> isMeant, long? supersededBy)
    {
        var runs = new HashSet<long>();
        for (; index < _messages.Count; index++)
        {
            if (!isMeant(_messages[index]))
                continue;

            var marked = _messages[index]! with { SupersededBy = supersededBy };
            _messages[index] = marked;
            if (marked.RunNumber is { } run)
                runs.Add(run);
        }

        return runs;
    }

    private IEnumerable<ConversationMessage?> Span(long position, int count) => _messages.Skip((int)position - 1).Take(count);

    private int IndexBelow(long position) => (int)Math.Clamp(position - 1, 0, _messages.Count) - 1;

    private int IndexAbove(long position) => (int)Math.Clamp(position, 0, _messages.Count);
}
