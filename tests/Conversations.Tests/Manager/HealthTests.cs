using System.Runtime.CompilerServices;
using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Tests.Manager;

public sealed class HealthTestsInMemory : HealthTests<InMemory>;

public sealed class HealthTestsOnSqlite : HealthTests<Sqlite>;

/// <summary>A check finds a store that cannot be read or written to. Files are tested with the SQLite store.</summary>
public abstract class HealthTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task CheckHealth_of_a_store_that_works_is_healthy_and_begins_nothing()
    {
        var health = await Maintenance(Store).CheckHealthAsync(Cancellation);

        health.Should().Be(new StoreHealth(code: null, TimeSpan.Zero));
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task CheckHealth_checks_reading_and_writing()
    {
        await using var reading = new Sick(Store) { OnRead = _ => throw Failure(ConversationErrorCodes.StoreCorrupt) };
        await using var writing = new Sick(Store) { OnWrite = _ => throw Failure(ConversationErrorCodes.StoreReadOnly) };

        (await Maintenance(reading).CheckHealthAsync(Cancellation)).Code.Should().Be("STORE_CORRUPT");
        (await Maintenance(writing).CheckHealthAsync(Cancellation)).Code.Should().Be("STORE_READ_ONLY");
    }

    [Fact]
    public async Task CheckHealth_of_a_store_that_was_disposed_is_unavailable()
    {
        await Store.DisposeAsync();

        (await Maintenance(Store).CheckHealthAsync(Cancellation)).Should().Be(new StoreHealth("STORE_UNAVAILABLE", TimeSpan.Zero));
    }

    [Fact]
    public async Task CheckHealth_is_unavailable_when_the_store_throws_an_unexpected_exception()
    {
        await using var store = new Sick(Store) { OnWrite = _ => throw new NotSupportedException() };

        (await Maintenance(store).CheckHealthAsync(Cancellation)).Code.Should().Be("STORE_UNAVAILABLE");
    }

    [Fact]
    public async Task CheckHealth_of_a_store_that_hangs_is_unavailable_after_ten_seconds()
    {
        CancellationToken left = default;
        var reached = new TaskCompletionSource();
        await using var store = new Sick(Store)
        {
            OnRead = token =>
            {
                left = token;
                reached.SetResult();
                return new TaskCompletionSource().Task;
            },
        };

        var checking = Maintenance(store).CheckHealthAsync(Cancellation);
        await reached.Task;
        Time.Advance(TimeSpan.FromSeconds(9));
        var isEarly = checking.IsCompleted;
        Time.Advance(TimeSpan.FromSeconds(1));
        var health = await checking;

        isEarly.Should().BeFalse();
        health.Should().Be(new StoreHealth("STORE_UNAVAILABLE", TimeSpan.FromSeconds(10)));
        left.IsCancellationRequested.Should().BeTrue("it may still be waiting for its turn");
    }

    [Fact]
    public async Task CheckHealth_of_a_store_that_blocks_its_thread_is_unavailable_after_ten_seconds()
    {
        using var release = new ManualResetEventSlim();
        await using var store = new Sick(Store)
        {
            OnWrite = _ =>
            {
                release.Wait(Cancellation);
                return Task.CompletedTask;
            },
        };

        var checking = Maintenance(store).CheckHealthAsync(Cancellation);
        Time.Advance(TimeSpan.FromSeconds(10));
        var health = await checking;
        release.Set();

        health.Code.Should().Be("STORE_UNAVAILABLE");
    }

    [Fact]
    public async Task CheckHealth_is_corrupt_when_the_store_returns_a_conversation_that_does_not_exist()
    {
        var other = await Alice.RunTurnAsync(Bot, "hello", Say("hi"), Cancellation);
        await using var store = new Sick(Store) { Found = other.ConversationId };

        (await Maintenance(store).CheckHealthAsync(Cancellation)).Code.Should().Be("STORE_CORRUPT");
    }

    [Fact]
    public async Task CheckHealth_of_a_store_that_throws_when_it_is_cancelled_is_unavailable()
    {
        var reached = new TaskCompletionSource();
        await using var store = new Sick(Store)
        {
            OnRead = token =>
            {
                token.Register(() => throw new InvalidOperationException());
                reached.SetResult();
                return new TaskCompletionSource().Task;
            },
        };

        var checking = Maintenance(store).CheckHealthAsync(Cancellation);
        await reached.Task;
        Time.Advance(TimeSpan.FromSeconds(10));

        (await checking).Code.Should().Be("STORE_UNAVAILABLE");
    }

    [Fact]
    public async Task CheckHealth_observes_an_exception_that_the_store_throws_too_late()
    {
        var unobserved = 0;
        EventHandler<UnobservedTaskExceptionEventArgs> notice = (_, failure) => unobserved += failure.Exception.InnerException is LateException ? 1 : 0;
        TaskScheduler.UnobservedTaskException += notice;

        await FailLateAsync();
        for (var i = 0; i < 20; i++)
        {
            // A thread that has just worked on it may still hold it.
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= notice;
        unobserved.Should().Be(0);
    }

    [Fact]
    public async Task CheckHealth_runs_one_check_at_a_time_when_the_store_hangs()
    {
        var asked = 0;
        var hanging = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        await using var store = new Sick(Store)
        {
            OnRead = _ =>
            {
                Interlocked.Increment(ref asked);
                reached.TrySetResult();
                return hanging.Task;
            },
        };
        var maintenance = Maintenance(store);

        var first = maintenance.CheckHealthAsync(Cancellation);
        await reached.Task;
        Time.Advance(TimeSpan.FromSeconds(5));
        var second = maintenance.CheckHealthAsync(Cancellation);
        Time.Advance(TimeSpan.FromSeconds(10));
        var answers = (await first, await second);
        hanging.SetResult();
        var third = await maintenance.CheckHealthAsync(Cancellation);

        answers.Item1.Code.Should().Be("STORE_UNAVAILABLE");
        answers.Item2.Should().Be(new StoreHealth("STORE_UNAVAILABLE", TimeSpan.FromSeconds(10)));
        third.IsHealthy.Should().BeTrue();
        asked.Should().Be(2, "the second one had gone when the first one ended");
    }

    [Fact]
    public async Task CheckHealth_that_is_cancelled_throws()
    {
        using var cancelled = new CancellationTokenSource();
        await using var store = new Sick(Store) { OnRead = async token => await new TaskCompletionSource().Task.WaitAsync(token) };

        var checking = Maintenance(store).CheckHealthAsync(cancelled.Token);
        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => checking).Should().ThrowAsync<OperationCanceledException>();
        await FluentActions.Awaiting(() => Maintenance(store).CheckHealthAsync(cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task CheckHealth_uses_the_clock_of_the_container()
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(Time);
        services.AddConversations(options => options.AddAgent("bot"));
        services.AddSingleton<IConversationStore>(new Sick(Store)
        {
            OnRead = _ =>
            {
                Time.Advance(TimeSpan.FromSeconds(3));
                return Task.CompletedTask;
            },
        });
        await using var provider = services.BuildServiceProvider();

        (await provider.GetRequiredService<ConversationMaintenance>().CheckHealthAsync(Cancellation)).Duration.Should().Be(TimeSpan.FromSeconds(3));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task FailLateAsync()
    {
        var reached = new TaskCompletionSource();
        var late = new TaskCompletionSource();
        await using var store = new Sick(Store)
        {
            OnRead = _ =>
            {
                reached.SetResult();
                return late.Task;
            },
        };
        var checking = Maintenance(store).CheckHealthAsync(Cancellation);
        await reached.Task;
        Time.Advance(TimeSpan.FromSeconds(10));
        await checking;
        late.SetException(new LateException());
    }

    private static ConversationStoreException Failure(string code) => new(code, "It is ill.");

    private ConversationMaintenance Maintenance(IConversationStore store) => new(store, Options(), Time);

    /// <summary>A store that fails when a test requests it.</summary>
    private sealed class Sick(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public Func<CancellationToken, Task> OnRead { get; init; } = _ => Task.CompletedTask;

        public Func<CancellationToken, Task> OnWrite { get; init; } = _ => Task.CompletedTask;

        /// <summary>The conversation that it finds, whichever is asked for.</summary>
        public string? Found { get; init; }

        public override async ValueTask<ConversationState> LoadAsync(ConversationLookup lookup, CancellationToken cancellationToken = default)
        {
            await OnRead(cancellationToken);
            return await Inner.LoadAsync(Found is null ? lookup : lookup with { ConversationId = Found }, cancellationToken);
        }

        public override async ValueTask PingAsync(CancellationToken cancellationToken = default)
        {
            await OnWrite(cancellationToken);
            await Inner.PingAsync(cancellationToken);
        }
    }

    private sealed class LateException : Exception;
}
