namespace Conversations.Tests;

public sealed class DummyTests
{
    [Fact]
    public void Works() => new Dummy().Should().NotBeNull();
}
