namespace Conversations.Tests.History;

public sealed class TokenCounterTests
{
    [Fact]
    public void Create_passes_the_text_to_the_function()
    {
        var counter = TokenCounter.Create("letters/1", text => text.Length);

        counter.Count("four").Should().Be(4);
        counter.Name.Should().Be("letters/1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    public void Create_with_a_name_that_cannot_be_stored_is_refused(string name)
    {
        var create = () => TokenCounter.Create(name, text => text.Length);

        create.Should().Throw<ArgumentException>().WithParameterName("name");
    }

    [Fact]
    public void Create_without_a_function_is_refused()
    {
        var create = () => TokenCounter.Create("letters/1", null!);

        create.Should().Throw<ArgumentNullException>().WithParameterName("count");
    }

    [Fact]
    public void Count_of_a_negative_result_names_the_counter_and_not_the_text()
    {
        var counter = TokenCounter.Create("broken/1", _ => -1);

        var count = () => counter.Count("secret");

        count.Should().Throw<InvalidOperationException>().WithMessage("*'broken/1'*").Which.Message.Should().NotContain("secret");
    }
}
