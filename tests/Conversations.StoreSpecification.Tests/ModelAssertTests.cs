namespace Conversations.StoreSpecification.Tests;

public sealed class ModelAssertTests
{
    [Fact]
    public void Equal_does_not_throw_when_all_properties_are_equal() =>
        ModelAssert.Equal(new[] { ConversationMessage.User("a") }, new List<ConversationMessage> { ConversationMessage.User("a") });

    [Fact]
    public void Equal_names_the_property_that_differs()
    {
        var exception = Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => ModelAssert.Equal(new[] { ConversationMessage.User("a") }, new[] { ConversationMessage.User("b") }));

        Assert.Contains("[0].Text: expected \"a\", actual \"b\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_throws_when_a_list_is_longer() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => ModelAssert.Equal(new[] { 1 }, new[] { 1, 2 }));

    [Fact]
    public void Equal_throws_when_times_have_different_offsets()
    {
        var time = new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => ModelAssert.Equal(time, time.ToOffset(TimeSpan.FromHours(1))));
    }
}
