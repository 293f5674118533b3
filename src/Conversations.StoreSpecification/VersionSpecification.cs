using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: data carry the version of the store that wrote them, so that an older one leaves them alone.</summary>
public abstract class VersionSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : VersionedStoreFixture, new()
{
    private const string Data = "versioned";

    [Fact, Rule("17.1")]
    public async Task Data_of_a_newer_version_are_refused_and_left_alone()
    {
        ConversationRun? run;
        await using (var store = await Fixture.OpenAsync(Data, Time))
        {
            var begun = (TurnBegun)await store.BeginTurnAsync(Turn());
            await store.CommitTurnAsync(Completion(begun.Lease, "answer"));
            run = await store.GetRunAsync(begun.Lease.ConversationId, begun.Lease.Fence, Host);
        }

        var version = await Fixture.GetVersionAsync(Data);
        await Fixture.SetVersionAsync(Data, version + 1);

        foreach (var member in EveryMember.Names)
        {
            var open = async () =>
            {
                await using var store = await Fixture.OpenAsync(Data, Time);
                await EveryMember.Of(store, Turn(), new TurnLease("conv_x", 1, LeaseDuration), Creation())[member](CancellationToken.None);
            };
            (await open.Should().ThrowAsync<ConversationStoreException>(member)).Which.Code.Should().Be(ConversationErrorCodes.SchemaTooNew);
        }

        (await Fixture.GetVersionAsync(Data)).Should().Be(version + 1);
        await Fixture.SetVersionAsync(Data, version);
        await using var again = await Fixture.OpenAsync(Data, Time);
        (await again.ListConversationsAsync(new ConversationListing { Access = Host, Limit = 9 })).Should().ContainSingle().Which.MessageCount.Should().Be(2);
        (await again.GetRunAsync(run!.ConversationId, run.Number, Host)).Should().Be(run);
    }
}
