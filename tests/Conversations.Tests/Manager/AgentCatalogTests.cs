namespace Conversations.Tests.Manager;

/// <summary>What it costs to find an agent.</summary>
public sealed class AgentCatalogTests
{
    private const int Calls = 1_001;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Added_agent_is_found_synchronously_and_without_allocation(bool hasProvider)
    {
        var catalog = new AgentCatalog(new ConversationOptions().AddAgent("added-bot"), hasProvider ? new FakeAgents() : null, TimeProvider.System);
        Get(catalog).Should().BeTrue();

        // Before its code is optimized, the runtime itself allocates for the check of the name, so that is subtracted from each call.
        var allocated = new List<long>();
        for (var call = 0; call < Calls; call++)
        {
            var ofCheck = BytesOf(static () => WellFormed.Key("added-bot", "agent"));
            allocated.Add(BytesOf(() => Get(catalog)) - ofCheck);
        }

        allocated.Order().ElementAt(Calls / 2).Should().Be(0);
    }

    [Fact]
    public async Task Found_agent_is_the_same_until_its_lifetime_is_over()
    {
        var agents = new FakeAgents();
        agents.Set("found-bot");
        var catalog = new AgentCatalog(new ConversationOptions(), agents, TimeProvider.System);

        var first = await catalog.GetAsync("found-bot", "agent", Cancellation);
        var second = catalog.GetAsync("found-bot", "agent", Cancellation);

        second.IsCompletedSuccessfully.Should().BeTrue();
        (await second).Should().BeSameAs(first);
    }

    private static long BytesOf(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

#pragma warning disable CA2012 // Whether it is complete is all that is asked.
    private static bool Get(AgentCatalog catalog) => catalog.GetAsync("added-bot", "agent", CancellationToken.None).IsCompletedSuccessfully;
#pragma warning restore CA2012
}
