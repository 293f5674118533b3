namespace Conversations;

internal sealed partial class HistoryWindow
{
    /// <summary>Describes the content of a view, its excluded ranges, and the reasons.</summary>
    public ContextWindow Describe(HistoryView view)
    {
        var shown = _blocks.Skip(view.Start).Where(block => block.Count > 0).ToList();
        if (view.Question is { } question)
            shown.Insert(0, question);
        var byLimit = _place.EndedByTokens ? ExclusionReason.TokenLimit : ExclusionReason.MessageLimit;
        var begin = FirstOf(view.Start);
        var isLimited = _place.IsCut && (_place.Fitting > 0 || _read.IsCut);
        var fits = isLimited ? FirstOf(_place.Fitting) : _read.From;
        IEnumerable<ExcludedRange> omissions =
        [
            .. Unreported(view.Summary is null ? ExclusionReason.SummaryTooLarge : ExclusionReason.Summarized, view, 1, _read.After, isWhole: true),
            .. Unreported(ExclusionReason.Trimmed, view, _read.After + 1, _read.From - 1, isWhole: true),
            .. Unreported(byLimit, view, _read.From, fits - 1, isWhole: true),
            .. Unreported(_place.IsCut && view.Start > 0 ? _limits.Trim < 1 ? ExclusionReason.Trimmed : ExclusionReason.ExchangeCut : ExclusionReason.NotForModel, view, fits, begin - 1, isWhole: true),
            .. _blocks.Skip(view.Start).SelectMany(block => block.Orphans ?? []).Select(position => new ExcludedRange(ExclusionReason.NoCall, position, position)),
            .. _excluded,
            .. Unreported(ExclusionReason.NotForModel, view, begin, _read.Before - 1, isWhole: false),
        ];
        return new ContextWindow
        {
            MessageCount = shown.Sum(block => block.Count),
            Tokens = Amount(view.Tokens),
            MessageLimit = _limits.Messages,
            TokenLimit = _limits.Tokens,
            FirstPosition = shown.Count > 0 ? shown[0].First : null,
            Summary = view.Summary is null ? null : _read.Summary,
            Excluded = [.. omissions.Where(omission => omission.From <= omission.To).OrderBy(omission => omission.From)],
        };
    }

    /// <summary>Returns the positions of a range without those of the input, of other excluded ranges and, within the window, of shown messages.</summary>
    private IEnumerable<ExcludedRange> Unreported(ExclusionReason reason, HistoryView view, long from, long to, bool isWhole)
    {
        var reported = _excluded.Select(omission => (omission.From, omission.To))
            .Concat(isWhole ? [] : _read.Messages.Select(message => (From: message.Position, To: message.Position)))
            .Concat(view.Question is { } question ? [(From: question.First, To: question.First)] : [])
            .Append(_read.Input)
            .Append((From: to + 1, To: to + 1))
            .Where(range => range.From >= from && range.From <= to + 1);
        var next = from;
        foreach (var range in reported.Order())
        {
            yield return new ExcludedRange(reason, next, range.From - 1);
            next = Math.Max(next, range.To + 1);
        }
    }
}
