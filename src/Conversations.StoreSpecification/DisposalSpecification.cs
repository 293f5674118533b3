using Conversations.Storage;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>The disposal of a store.</summary>
public abstract class DisposalSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>Gets the names of the members of a store.</summary>
    public static TheoryData<string> Members => [.. StoreCalls.Members];

    [Theory, Rule("12.2")]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Dispose_does_not_throw_when_called_twice(bool firstAsync, bool secondAsync)
    {
        await CreateAsync(User());
        await DisposeAsync(Store, firstAsync);

        var exception = await Record.ExceptionAsync(() => DisposeAsync(Store, secondAsync));

        Assert.Null(exception);
    }

    [Theory, Rule("12.2")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_does_not_throw_when_store_was_never_used(bool isAsync)
    {
        var unused = await Fixture.CreateAsync(Time);

        var exception = await Record.ExceptionAsync(() => DisposeAsync(unused, isAsync));

        Assert.Null(exception);
    }

    [Theory, Rule("12.2")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_store_was_disposed(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync())));
        await DisposeAsync(Store, isAsync: false);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.CallAsync(member, CancellationToken.None));
    }

    [Theory, Rule("12.2")]
    [MemberData(nameof(Members))]
    public async Task Every_member_throws_when_store_was_disposed_asynchronously(string member)
    {
        var calls = new StoreCalls(Store, await WriteAsync(OpenRun(await CreateAsync())));
        await DisposeAsync(Store, isAsync: true);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => calls.CallAsync(member, CancellationToken.None));
    }

    private static async Task DisposeAsync(IConversationStore store, bool isAsync)
    {
        if (isAsync)
            await store.DisposeAsync();
        else
            store.Dispose();
    }
}
