namespace Conversations.Samples.Tests;

public sealed class StreamingTests
{
    [Fact]
    public async Task Reply_is_followed_from_another_process_kept_after_a_kill_and_written_again()
    {
        using var sample = new Sample();

        var run = await sample.RunAsync("Streaming");

        run.ExitCode.Should().Be(0, "{0}", run.Errors);
        run.Output.Should()
            .Contain("follows:\nThe harbour sleeps")
            .And.Contain("[killed]")
            .And.MatchRegex("The run has ended: Interrupted, after [0-9]+ characters")
            .And.MatchRegex("Kept as msg_[0-9a-f]+_2, partial: The harbour sleeps")
            .And.MatchRegex("2  Assistant +[0-9]+ characters, partial, superseded")
            .And.MatchRegex("3  Assistant  217 characters\n");
        Followed(run.Output).Should().Be(Kept(run.Output), "a follower gets what was saved, once");
    }

    private static string Followed(string output) => string.Concat(Between(output, "follows:\n", "\nThe run has ended").Split("[killed]"));

    private static string Kept(string output) => Between(output, "partial: ", "\n\nOnce more");

    private static string Between(string output, string begin, string end)
    {
        var from = output.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return output[from..output.IndexOf(end, from, StringComparison.Ordinal)];
    }
}
