using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Tests.Manager;

public sealed class HealthTestsInMemory : HealthTests<InMemory>;

public sealed class HealthTestsOnSqlite : HealthTests<Sqlite>;

/// <summary>A probe finds a store that cannot be read or written to. What it finds of files is tested with the SQLite store.</summary>
public abstract class HealthTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task CheckHealth_of_a_store_that_works_is_healthy_and_begins_nothing()
    {
        var health = await Maintenance(Store).CheckHealthAsync(Cancellation);

        health.Should().Be(new StoreHealth(IsHealthy: true, Code: null, TimeSpan.Zero));
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task CheckHealth_asks_both_what_reads_and_what_writes()
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

        (await Maintenance(Store).CheckHealthAsync(Cancellation)).Should().Be(new StoreHealth(IsHealthy: false, "STORE_UNAVAILABLE", TimeSpan.Zero));
    }

    [Fact]
    public async Task CheckHealth_of_a_store_that_throws_what_it_should_not_is_unavailable()
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
        health.Should().Be(new StoreHealth(IsHealthy: false, "STORE_UNAVAILABLE", TimeSpan.FromSeconds(10)));
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
    public async Task CheckHealth_goes_by_the_clock_of_the_container()
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

    private static ConversationStoreException Failure(string code) => new(code, "It is ill.");

    private ConversationMaintenance Maintenance(IConversationStore store) => new(store, Options(), Time);

    /// <summary>A store that is ill when a test says so.</summary>
    private sealed class Sick(IConversationStore inner) : DelegatingConversationStore(inner)
    {
        public Func<CancellationToken, Task> OnRead { get; init; } = _ => Task.CompletedTask;

        public Func<CancellationToken, Task> OnWrite { get; init; } = _ => Task.CompletedTask;

        public override async ValueTask<Conversation?> GetConversationAsync(string conversationId, ConversationAccess access, CancellationToken cancellationToken = default)
        {
            await OnRead(cancellationToken);
            return await Inner.GetConversationAsync(conversationId, access, cancellationToken);
        }

        public override async ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default)
        {
            await OnWrite(cancellationToken);
            return await Inner.BeginTurnAsync(command, cancellationToken);
        }
    }
}
