namespace Conversations.Tests.Manager;

/// <summary>Arguments of members that return enumerables are checked at the call.</summary>
public sealed class ArgumentCheckTests : ManagerTest<InMemory>
{
    public static TheoryData<string> IllFormed() => [.. IllFormedIds.Names];

    [Theory]
    [MemberData(nameof(IllFormed))]
    public void GetMessages_with_an_ill_formed_id_throws_at_the_call(string name) =>
        FluentActions.Invoking(() => Alice.GetMessagesAsync(IllFormedIds.Get(name), cancellationToken: Cancellation)).Should().Throw<ArgumentException>().WithParameterName("conversationId");

    [Theory]
    [MemberData(nameof(IllFormed))]
    public void GetRuns_with_an_ill_formed_id_throws_at_the_call(string name) =>
        FluentActions.Invoking(() => Alice.GetRunsAsync(IllFormedIds.Get(name), Cancellation)).Should().Throw<ArgumentException>().WithParameterName("conversationId");

    [Theory]
    [MemberData(nameof(IllFormed))]
    public void Follow_with_an_ill_formed_id_throws_at_the_call(string name) =>
        FluentActions.Invoking(() => Alice.FollowAsync(IllFormedIds.Get(name), cancellationToken: Cancellation)).Should().Throw<ArgumentException>().WithParameterName("runId");

    [Fact]
    public void Follow_with_a_negative_offset_throws_at_the_call() =>
        FluentActions.Invoking(() => Alice.FollowAsync("nonsense", -1, Cancellation)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("fromOffset");

    [Fact]
    public void GetMessages_with_an_unknown_id_throws_nothing_at_the_call() =>
        FluentActions.Invoking(() => Alice.GetMessagesAsync("nonsense", cancellationToken: Cancellation)).Should().NotThrow();

    [Fact]
    public async Task Enumeration_is_cancelled_by_the_token_of_the_call_and_by_that_of_the_enumeration()
    {
        var asked = await AskAsync();
        var cancelled = new CancellationToken(canceled: true);

        var byCall = async () => await Alice.GetMessagesAsync(asked.ConversationId!, cancellationToken: cancelled).ToListAsync(Cancellation);
        var byEnumeration = async () => await Alice.ListAsync(cancellationToken: CancellationToken.None).ToListAsync(cancelled);

        await byCall.Should().ThrowAsync<OperationCanceledException>();
        await byEnumeration.Should().ThrowAsync<OperationCanceledException>();
    }
}
