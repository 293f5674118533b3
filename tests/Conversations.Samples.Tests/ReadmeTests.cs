namespace Conversations.Samples.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public async Task First_block_runs_unchanged_and_remembers()
    {
        using var sample = new Sample();

        var first = await sample.RunAsync("Conversations.ReadmeExample");
        var second = await sample.RunAsync("Conversations.ReadmeExample");

        first.Should().Be((0, $"I have read 1 message(s).{Environment.NewLine}", ""));
        second.Should().Be((0, $"I have read 3 message(s).{Environment.NewLine}", ""));
        File.Exists(sample.File("conversations.db")).Should().BeTrue();
    }
}
