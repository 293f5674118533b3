namespace Conversations.Samples.Tests;

public sealed class QuickStartTests
{
    [Fact]
    public async Task Second_run_remembers_the_first()
    {
        using var sample = new Sample();

        var first = await sample.RunAsync("QuickStart");
        var second = await sample.RunAsync("QuickStart");

        first.ExitCode.Should().Be(0, "{0}", first.Errors);
        first.Output.Should().Contain("SO-2024-001").And.Contain("get_order").And.Contain("CONVERSATION_NOT_FOUND").And.Contain("(not stored)")
            .And.NotContain("Welcome back");
        second.ExitCode.Should().Be(0, "{0}", second.Errors);
        second.Output.Should().Contain("Welcome back").And.Contain("From the run before");
    }

    [Fact]
    public async Task Run_prints_the_error_code_when_the_file_is_no_database()
    {
        using var sample = new Sample();
        await File.WriteAllTextAsync(sample.File("letter.txt"), new string('x', 10_000), TestContext.Current.CancellationToken);

        var run = await sample.RunAsync("QuickStart", "letter.txt");

        run.ExitCode.Should().Be(1);
        run.Errors.Should().StartWith("STORE_CORRUPT: ");
        (await File.ReadAllTextAsync(sample.File("letter.txt"), TestContext.Current.CancellationToken)).Should().Be(new string('x', 10_000));
    }
}
