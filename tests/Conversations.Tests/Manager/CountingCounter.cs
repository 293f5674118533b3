namespace Conversations.Tests.Manager;

/// <summary>Counts words, and records the texts.</summary>
internal sealed class CountingCounter(string name) : ITokenCounter
{
    private readonly List<string> _counted = [];

    public string Name { get; } = name;

    public IReadOnlyList<string> Counted
    {
        get
        {
            lock (_counted)
                return [.. _counted];
        }
    }

    public int Count(ReadOnlySpan<char> text)
    {
        lock (_counted)
            _counted.Add(text.ToString());
        return text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    public void Reset()
    {
        lock (_counted)
            _counted.Clear();
    }
}
