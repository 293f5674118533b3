namespace Conversations.Samples.Tests;

public sealed class CustomStoreTests
{
    [Fact]
    public async Task Run_twice_remembers()
    {
        using var sample = new Sample();

        var first = await sample.RunAsync("CustomStore");
        var second = await sample.RunAsync("CustomStore");

        first.ExitCode.Should().Be(0, "{0}", first.Errors);
        first.Output.Should().Contain("this is the first run").And.Contain("I see 2 of your notes").And.Contain("journal.jsonl");
        second.ExitCode.Should().Be(0, "{0}", second.Errors);
        second.Output.Should().Contain("From the run before: 4 messages").And.Contain("I see 4 of your notes");
        File.Exists(sample.File("customstore-data/journal.jsonl")).Should().BeTrue();
    }

    [Fact]
    public async Task Run_prints_error_code_when_file_is_not_a_journal()
    {
        using var sample = new Sample();
        Directory.CreateDirectory(sample.File("letters"));
        await File.WriteAllTextAsync(sample.File("letters/journal.jsonl"), "Dear Ada\n", TestContext.Current.CancellationToken);

        var run = await sample.RunAsync("CustomStore", "letters");

        run.ExitCode.Should().Be(1);
        run.Errors.Should().StartWith("STORE_CORRUPT: ");
    }
}
