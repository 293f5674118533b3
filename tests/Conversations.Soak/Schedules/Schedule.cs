using System.Globalization;
using Conversations.Soak.Checking;
using Conversations.StoreSpecification;

namespace Conversations.Soak.Schedules;

/// <summary>One seeded run of steps on one store, each compared with the model. The same seed gives the same steps.</summary>
internal sealed partial class Schedule : IAsyncDisposable
{
    private const int Processes = 2;

    private static readonly string[] Users = ["alice", "bob", "carol"];
    private static readonly TimeSpan Tick = ModelLease.Duration / 3;

    private readonly Random _random;
    private readonly ManualTimeProvider _clock;
    private readonly SoakStore _store;
    private readonly SoakProcess[] _processes;
    private readonly Model _model = new();
    private readonly List<Finding> _findings = [];
    private readonly List<string> _steps = [];
    private readonly List<(ModelRequest Request, TurnRequest Asked)> _keyed = [];
    private int _requests;

    /// <summary>Makes a schedule.</summary>
    /// <param name="seed">Determines all steps.</param>
    /// <param name="open">Creates the store, on the schedule's clock.</param>
    public Schedule(int seed, Func<TimeProvider, SoakStore> open)
    {
        Seed = seed;
        _random = new Random(seed);
        _clock = new ManualTimeProvider();
        _store = open(_clock);
        _processes = [.. Enumerable.Range(0, Processes).Select(_ => new SoakProcess(_store.Open(), _clock))];
    }

    public int Seed { get; }

    public IReadOnlyList<string> Steps => _steps;

    /// <summary>How often each event happened: a schedule without events proves nothing.</summary>
    public Dictionary<string, int> Events { get; } = new(StringComparer.Ordinal);

    private DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Continues until something is wrong or all steps are done.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync()
    {
        var count = _random.Next(20, 61);
        for (var step = 0; step < count && _findings.Count == 0; step++)
        {
            try
            {
                await StepAsync();
            }
            catch (Exception exception)
            {
                Wrong($"{exception.GetType().Name}: {exception.Message}");
            }
        }

        if (_findings.Count > 0)
            return _findings;

        await CompareAllAsync();
        if (_store.File is { } file && _findings.Count == 0)
        {
            await _store.CloseAsync();
            _findings.AddRange(DatabaseCheck.Run(file));
        }

        return _findings;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Store.HasCrashed = true;
            process.Turns.ForEach(turn => turn.Dispose());
        }

        await _store.DisposeAsync();
    }

    private Task StepAsync() => _random.Next(100) switch
    {
        < 26 => TurnAsync(),
        < 44 => EndTurnAsync(),
        < 50 => RetryAsync(),
        < 54 => RegenerateAsync(),
        < 58 => ReplaceAsync(),
        < 60 => SupersedeAsync(),
        < 65 => RestoreAsync(),
        < 66 => StopAsync(),
        < 68 => ForkAsync(),
        < 72 => DeleteMessageAsync(),
        < 74 => DeleteAsync(),
        < 77 => EndConversationAsync(),
        < 80 => ReopenAsync(),
        < 81 => SetMetadataAsync(),
        < 82 => CreateAsync(),
        < 84 => StrangerAsync(),
        < 92 => PassAsync(),
        < 94 => JumpAsync(),
        < 97 => PauseAsync(),
        _ => CrashAsync(),
    };

    private async Task CompareAllAsync() => _findings.AddRange(await new Comparison(_model, _processes[0].Manager).AllAsync(Users));

    private async Task CompareAsync(ModelConversation? conversation)
    {
        if (conversation is { IsDeleted: false })
            _findings.AddRange(await new Comparison(_model, _processes[_random.Next(Processes)].Manager).OneAsync(conversation));
    }

    private T Pick<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    private bool Chance(int percent) => _random.Next(100) < percent;

    private ModelConversation? PickConversation(string user) =>
        _model.Conversations.FindAll(conversation => conversation.Scope.IsReachedBy(user)) is { Count: > 0 } reached ? Pick(reached) : null;

    private void Step(string text) => _steps.Add(string.Create(CultureInfo.InvariantCulture, $"{_steps.Count + 1}. {text}"));

    private void Happened(string what) => Events[what] = Events.GetValueOrDefault(what) + 1;

    private void Wrong(string text) => _findings.Add(new Finding(FindingKind.Wrong, $"step {_steps.LastOrDefault()}: {text}"));

    private void Expect(string what, string? expected, string? actual)
    {
        if (expected != actual)
            Wrong($"{what}: expected {expected ?? "no refusal"}, got {actual ?? "no refusal"}");
    }

    /// <summary>Why something was refused; null if it was not.</summary>
    private static string? CodeOf(Exception? exception) => exception switch
    {
        null => null,
        ArgumentException => Refused,
        ConversationException { Code: var code } => code,
        _ => $"{exception.GetType().Name}: {exception.Message}",
    };

    private static async Task<(T? Result, string? Code)> TryAsync<T>(Task<T> task)
    {
        try
        {
            return (await task, null);
        }
        catch (Exception exception)
        {
            return (default, CodeOf(exception));
        }
    }

    private const string Refused = "REFUSED";
}
