namespace Conversations;

/// <summary>Counts tokens with a function of the host.</summary>
internal sealed class DelegatedTokenCounter(string name, Func<string, int> count) : ITokenCounter
{
    public string Name { get; } = name;

    public int Count(ReadOnlySpan<char> text)
    {
        var tokens = count(text.ToString());
        return tokens >= 0 ? tokens : throw new InvalidOperationException($"The token counter '{WellFormed.Quote(Name)}' returned a negative count.");
    }
}
