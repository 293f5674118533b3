using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Optional: data are marked with the version of the store that wrote them.</summary>
public abstract class VersionSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : VersionedStoreFixture, new()
{
    private const string Data = "versioned";

    /// <summary>Gets the names of the members of a store.</summary>
    public static TheoryData<string> Members => [.. StoreCalls.Members];

    [Theory, Rule("12.4")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_data_are_of_a_newer_version(string member)
    {
        var opened = await WriteNewerAsync();

        var exception = await Assert.ThrowsAsync<ConversationStoreException>(() => UseAsync(opened, member));

        Assert.Equal(ConversationErrorCodes.SchemaTooNew, exception.Code);
    }

    [Fact, Rule("12.4")]
    public async Task Store_leaves_data_of_a_newer_version_unchanged()
    {
        var opened = await WriteNewerAsync();
        var newer = await Fixture.GetVersionAsync(Data);
        foreach (var member in StoreCalls.Members)
            await Record.ExceptionAsync(() => UseAsync(opened, member));

        Assert.Equal(newer, await Fixture.GetVersionAsync(Data));
        await Fixture.SetVersionAsync(Data, newer - 1);
        await using var store = await Fixture.OpenAsync(Data, Time);
        ModelAssert.Equal(opened, (await store.LoadAsync(ById(opened.Conversation.Id))).Conversation);
    }

    [Fact, Rule("12.4")]
    public async Task Store_leaves_version_when_data_are_opened_again()
    {
        await using (var store = await Fixture.OpenAsync(Data, Time))
            await WriteAsync(store, Batch(Touch(NewConversation())));
        var version = await Fixture.GetVersionAsync(Data);

        await using (var store = await Fixture.OpenAsync(Data, Time))
            await WriteAsync(store, Batch(Touch(NewConversation())));

        Assert.Equal(version, await Fixture.GetVersionAsync(Data));
    }

    private async Task<StoredConversation> WriteNewerAsync()
    {
        StoredConversation opened;
        await using (var store = await Fixture.OpenAsync(Data, Time))
            opened = await WriteAsync(store, Batch(OpenRun(NewConversation(), "key", User())));
        await Fixture.SetVersionAsync(Data, await Fixture.GetVersionAsync(Data) + 1);
        return opened;
    }

    private async Task UseAsync(StoredConversation opened, string member)
    {
        await using var store = await Fixture.OpenAsync(Data, Time);
        await new StoreCalls(store, opened).CallAsync(member, CancellationToken.None);
    }
}
