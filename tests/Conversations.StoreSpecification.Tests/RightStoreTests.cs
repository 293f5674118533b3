using Conversations.Storage;
using Conversations.StoreSpecification.Tests.BrokenStores;
using Conversations.StoreSpecification.Tests.RightStores;
using Conversations.StoreSpecification.Tests.Running;

namespace Conversations.StoreSpecification.Tests;

/// <summary>The kit finds no fault in correct stores.</summary>
public sealed class RightStoreTests
{
    [Theory]
    [InlineData(typeof(InMemoryFixture))]
    [InlineData(typeof(StoreFixtureOf<PlainStore>))]
    [InlineData(typeof(StoreFixtureOf<WaitingStore>))]
    [InlineData(typeof(StoreFixtureOf<QueueingStore>))]
    public async Task Kit_finds_no_fault(Type fixture)
    {
        var result = await SpecificationRunner.RunAsync(fixture, test => !test.IsLarge);

        Assert.Equal("", string.Join('\n', result.Failures));
        Assert.True(result.Run > 500, $"Only {result.Run} tests ran.");
    }

    [Fact]
    public async Task Kit_finds_no_fault_in_data_that_outlive_the_store()
    {
        // The store is not disposed with its data, so only the specifications of the data apply.
        Type[] specifications = [typeof(PersistenceSpecification<>), typeof(SharedDataSpecification<>), typeof(LockedDataSpecification<>), typeof(VersionSpecification<>), typeof(MigrationSpecification<>)];

        var result = await SpecificationRunner.RunAsync(typeof(KeptFixture), test => specifications.Contains(test.Specification));

        Assert.Equal("", string.Join('\n', result.Failures));
    }

    [Fact]
    public void Fixture_runs_the_specifications_whose_constraints_it_fulfills()
    {
        Type[] optional = [typeof(PersistenceSpecification<>), typeof(SharedDataSpecification<>), typeof(LockedDataSpecification<>), typeof(VersionSpecification<>), typeof(MigrationSpecification<>)];

        Assert.Empty(SpecificationTest.AllOf(typeof(InMemoryFixture)).Select(test => test.Specification).Intersect(optional));
        Assert.Empty(StoreSpecificationCoverage.Specifications.Except(SpecificationTest.AllOf(typeof(KeptFixture)).Select(test => test.Specification)));
    }

    [Fact]
    public async Task Failure_is_no_assertion_when_the_store_throws()
    {
        var result = await SpecificationRunner.RunAsync(typeof(StoreFixtureOf<ThrowingStore>), test => test.Name == "CopySpecification.TryWrite_keeps_messages_when_list_changes_after_call");

        Assert.False(Assert.Single(result.Failures).IsAssertion);
    }

    public sealed class PlainStore(TimeProvider clock) : BrokenStore(clock);

    public sealed class ThrowingStore(TimeProvider clock) : BrokenStore(clock)
    {
        public override ValueTask<bool> TryWriteAsync(ConversationBatch batch, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
