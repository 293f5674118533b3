using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>What holds of <see cref="LockedDataSpecification{TFixture}"/> while another process holds the database locked.</summary>
/// <remarks>What does not hold yet: a write that finds the connection free blocks its caller's thread until the lock is released, and cannot be canceled meanwhile.</remarks>
public sealed class SqliteLockedDataTests
{
    [Fact]
    public Task Writes_are_applied_when_the_lock_is_released() => RunAsync(specification => specification.Writes_are_applied_when_the_lock_is_released());

    [Fact]
    public Task Writes_end_when_they_are_canceled_behind_one_that_waits_for_the_lock() =>
        RunAsync(specification => specification.Writes_end_when_they_are_canceled_behind_one_that_waits_for_the_lock());

    private static async Task RunAsync(Func<Specification, Task> test)
    {
        await using var specification = new Specification();
        await specification.InitializeAsync();
        await test(specification);
    }

    private sealed class Specification : LockedDataSpecification<SqliteFixture>;
}
