using Conversations.Storage;
using Conversations.StoreSpecification.Tests.BrokenStores;
using Conversations.StoreSpecification.Tests.RightStores;
using Conversations.StoreSpecification.Tests.Running;

namespace Conversations.StoreSpecification.Tests;

/// <summary>The runner runs all of the kit, finds nothing wrong with what is right, and comes to an end.</summary>
public sealed class SpecificationRunnerTests
{
    /// <summary>The capabilities that a store has if its fixture has: whether it keeps summaries or adds up usage, the store itself tells.</summary>
    private static readonly IReadOnlyList<Type> OfTheFixture =
        [.. StoreSpecificationCoverage.Capabilities.Except(
        [
            typeof(SummarySpecification<>),
            typeof(SummaryRaceSpecification<>),
            typeof(UsageSpecification<>),
            typeof(StreamSpecification<>),
            typeof(StreamCallSpecification<>),
            typeof(InterruptedStreamSpecification<>),
            typeof(StreamRaceSpecification<>),
        ])];

    [Fact]
    public async Task Run_over_the_in_memory_store_finds_nothing_wrong()
    {
        var result = await SpecificationRunner.RunAsync(typeof(InMemoryFixture), _ => true);

        result.Failures.Should().BeEmpty();
        result.Run.Should().BeGreaterThan(300);
    }

    [Theory]
    [InlineData(typeof(RightRewritingStore))]
    [InlineData(typeof(RightLeaseWatchingStore))]
    [InlineData(typeof(RightKeyWatchingStore))]
    [InlineData(typeof(RightPinningStore))]
    [InlineData(typeof(RightSummaryHoardingStore))]
    [InlineData(typeof(RightStreamHoardingStore))]
    [InlineData(typeof(RightChoosingStore))]
    [InlineData(typeof(RightUsageFoldingStore))]
    public async Task Run_over_the_base_of_the_broken_stores_finds_nothing_wrong(Type store)
    {
        var result = await SpecificationRunner.RunAsync(typeof(BrokenFixture<>).MakeGenericType(store), test => !test.IsLarge);

        result.Failures.Should().BeEmpty("what is wrong with a broken store is its own");
    }

    [Theory]
    [InlineData(typeof(QueueingStore))]
    [InlineData(typeof(PoolStore))]
    [InlineData(typeof(OptimisticStore))]
    [InlineData(typeof(PipeStore))]
    [InlineData(typeof(SpinningStore))]
    public async Task Run_over_a_store_that_waits_in_its_own_way_finds_nothing_wrong(Type store)
    {
        var result = await SpecificationRunner.RunAsync(typeof(BrokenFixture<>).MakeGenericType(store), test => !test.IsLarge);

        result.Failures.Should().BeEmpty();
    }

    [Fact]
    public async Task Run_over_a_store_whose_answers_are_long_on_their_way_finds_nothing_wrong()
    {
        // It is slow, so only where that could mislead.
        var result = await SpecificationRunner.RunAsync(
            typeof(BrokenFixture<RemoteStore>),
            test => test.Specification == typeof(WaitingSpecification<>) || test.Specification == typeof(CancellationSpecification<>));

        result.Failures.Should().BeEmpty();
        result.Run.Should().BePositive();
    }

    [Fact]
    public async Task Run_over_data_that_are_kept_also_runs_the_capabilities()
    {
        var result = await SpecificationRunner.RunAsync(typeof(RightKeptFixture), test => OfTheFixture.Contains(test.Specification));

        result.Failures.Should().BeEmpty();
        result.Run.Should().BePositive();
    }

    [Theory]
    [InlineData(typeof(InMemoryFixture))]
    [InlineData(typeof(RightKeptFixture))]
    [InlineData(typeof(RightVersionedFixture))]
    public void All_of_a_fixture_are_the_tests_of_every_specification_that_takes_it(Type fixture)
    {
        var expected = StoreSpecificationCoverage.Specifications
            .Where(specification => Takes(specification, fixture))
            .SelectMany(SpecificationTest.NamesOf);

        var names = SpecificationTest.AllOf(fixture).Select(test => test.Name).Distinct(StringComparer.Ordinal);

        names.Should().BeEquivalentTo(expected);
    }

    [Fact]
    public void All_of_a_fixture_are_of_a_capability_only_if_it_has_that()
    {
        SpecificationTest.AllOf(typeof(InMemoryFixture)).Should().NotContain(test => OfTheFixture.Contains(test.Specification));
        SpecificationTest.AllOf(typeof(RightKeptFixture)).Select(test => test.Specification)
            .Should().Contain([typeof(PersistenceSpecification<>), typeof(SharedDataSpecification<>)]);
    }

    [Fact]
    public async Task Run_over_data_that_carry_a_version_also_runs_the_migrations()
    {
        var result = await SpecificationRunner.RunAsync(typeof(RightVersionedFixture), test => OfTheFixture.Contains(test.Specification));

        result.Failures.Should().BeEmpty();
        result.Run.Should().BePositive();
    }

    [Fact]
    public async Task Run_over_a_store_without_end_comes_to_an_end()
    {
        var result = await SpecificationRunner.RunAsync(
            typeof(BrokenFixture<EndlessStore>),
            test => test.Name == "ListingSpecification.List_page_by_page_gives_each_once_also_among_equals",
            TimeSpan.FromMilliseconds(100));

        result.Failures.Should().ContainSingle().Which.IsHang.Should().BeTrue();
    }

    [Fact]
    public async Task Run_tells_what_a_test_found_from_what_a_store_throws()
    {
        var result = await SpecificationRunner.RunAsync(typeof(BrokenFixture<ThrowingStore>), test => test.Name == "CurrentConversationSpecification.Begin_continues_the_current_one");

        result.Failures.Should().ContainSingle().Which.Should().Match<SpecificationFailure>(failure => !failure.IsAssertion && failure.Exception is NotSupportedException);
    }

    /// <summary>Whether the compiler would let a specification be derived from for a fixture: asked in another way than the runner asks.</summary>
    private static bool Takes(Type specification, Type fixture)
    {
        try
        {
            return specification.MakeGenericType(fixture).IsAbstract;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public sealed class RightRewritingStore(TimeProvider clock) : RewritingStore(clock);

    public sealed class RightLeaseWatchingStore(TimeProvider clock) : LeaseWatchingStore(clock);

    public sealed class RightKeyWatchingStore(TimeProvider clock) : KeyWatchingStore(clock);

    public sealed class RightPinningStore(TimeProvider clock) : PinningStore(clock);

    public sealed class RightSummaryHoardingStore(TimeProvider clock) : SummaryHoardingStore(clock);

    public sealed class RightStreamHoardingStore(TimeProvider clock) : StreamHoardingStore(clock);

    public sealed class RightChoosingStore(TimeProvider clock) : ChoosingStore(clock);

    public sealed class RightUsageFoldingStore(TimeProvider clock) : UsageFoldingStore(clock);

    public sealed class EndlessStore(TimeProvider clock) : DelegatingConversationStore(new InMemoryConversationStore(clock))
    {
        public override ValueTask<IReadOnlyList<Conversation>> ListConversationsAsync(ConversationListing query, CancellationToken cancellationToken = default) =>
            base.ListConversationsAsync(query with { After = null }, cancellationToken);
    }

    public sealed class ThrowingStore(TimeProvider clock) : DelegatingConversationStore(new InMemoryConversationStore(clock))
    {
        public override ValueTask<BeginTurnOutcome> BeginTurnAsync(BeginTurnCommand command, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
