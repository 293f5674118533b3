using System.Globalization;

namespace Conversations.Tests.PublicApi;

/// <summary>The types for tests of the printer of public APIs.</summary>
public interface ISample
{
    Task<int> CountAsync(CancellationToken cancellationToken = default);
}

public enum SampleKind
{
    None,
    Some = 4,
}

public delegate Task<string?> SampleAsked(ISample sample, string? name = null);

public sealed class Sample<T>(T value, params string[] names) : ISample
    where T : class, new()
{
    public const string Code = "CODE";

    public event EventHandler? Happened;

    public IReadOnlyList<string?>? Names { get; private set; } = names;

    internal T Hidden { get; } = value;

    public bool TryFind<TKey>(TKey key, out string? name)
        where TKey : struct
    {
        name = Convert.ToString(key, CultureInfo.InvariantCulture);
        return name is not null;
    }

    public Task<int> CountAsync(CancellationToken cancellationToken = default)
    {
        Happened?.Invoke(this, EventArgs.Empty);
        return Task.FromResult(Names?.Count ?? 0);
    }

    public override string ToString() => Code;
}

public abstract record SampleRecord(string Name, int? Age)
{
    public required DateTimeOffset At { get; init; }

    protected abstract void Leave();
}

public static class SampleExtensions
{
    public static int Count(this ISample sample, SampleKind kind = SampleKind.Some, int? limit = null, TimeSpan wait = default, bool isDeep = true) =>
        sample is not null && isDeep && wait == default ? limit ?? (int)kind : 0;
}
