namespace Conversations.Storage;

/// <summary>The closed runs of one conversation, by number. Used under the gate of the scope.</summary>
internal sealed class RunLog
{
    private readonly List<StoredRun> _runs = [];

    // The runs on existing input by its position. Created with the first: most conversations have none.
    private Dictionary<long, RunLog>? _onExistingInput;

    public IReadOnlyList<StoredRun> All => _runs;

    public StoredRun? Find(long number) => IndexOf(number) is >= 0 and var index ? _runs[index] : null;

    /// <summary>Adds the runs of a range, newest first, up to its limit [5.5].</summary>
    public void Read(RunRange range, List<StoredRun> runs)
    {
        var log = range.OnExistingInput is { } input ? _onExistingInput?.GetValueOrDefault(input) : this;
        log?.ReadAll(range, runs);
    }

    /// <summary>Inserts a run, or replaces the one with its number.</summary>
    public void Write(StoredRun run)
    {
        var index = IndexOf(run.Run.Number);
        if (index >= 0)
        {
            if (_runs[index].Run is { IsOnExistingInput: true } replaced)
                _onExistingInput![replaced.InputPosition].Remove(replaced.Number);
            _runs[index] = run;
        }
        else
        {
            _runs.Insert(~index, run);
        }

        if (run.Run.IsOnExistingInput)
            LogOf(run.Run.InputPosition).Insert(run);
    }

    private void ReadAll(RunRange range, List<StoredRun> runs)
    {
        var start = IndexOf(range.Before ?? long.MaxValue);
        for (var index = (start >= 0 ? start : ~start) - 1; index >= 0 && runs.Count < range.Limit && _runs[index].Run.Number > range.After; index--)
            runs.Add(_runs[index]);
    }

    private RunLog LogOf(long input)
    {
        _onExistingInput ??= [];
        if (!_onExistingInput.TryGetValue(input, out var log))
            _onExistingInput.Add(input, log = new RunLog());
        return log;
    }

    private void Insert(StoredRun run) => _runs.Insert(~IndexOf(run.Run.Number), run);

    private void Remove(long number) => _runs.RemoveAt(IndexOf(number));

    private int IndexOf(long number)
    {
        var (low, high) = (0, _runs.Count - 1);
        while (low <= high)
        {
            // Most often it is the last one.
            var middle = high == _runs.Count - 1 && low == 0 ? high : (low + high) / 2;
            var order = _runs[middle].Run.Number.CompareTo(number);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
