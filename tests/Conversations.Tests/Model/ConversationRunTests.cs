namespace Conversations.Tests.Model;

public sealed class ConversationRunTests
{
    private static readonly ConversationRun Run = new() { ConversationId = "conv_1", Number = 1, Status = RunStatus.Failed, StartedAt = DateTimeOffset.UnixEpoch };

    [Fact]
    public void Outcome_is_the_status_unless_that_is_superseded()
    {
        var superseded = Run with { Status = RunStatus.Superseded, Outcome = Run.Status, SupersededBy = 2 };

        Run.Outcome.Should().Be(RunStatus.Failed);
        (Run with { Status = RunStatus.Completed }).Outcome.Should().Be(RunStatus.Completed);
        superseded.Outcome.Should().Be(RunStatus.Failed);
        (superseded with { Status = RunStatus.Interrupted }).Outcome.Should().Be(RunStatus.Interrupted);
    }

    [Fact]
    public void Runs_with_equal_values_are_equal()
    {
        var superseded = Run with { Status = RunStatus.Superseded, Outcome = RunStatus.Failed };

        (Run with { Outcome = RunStatus.Failed }).Should().Be(Run);
        (Run with { Outcome = RunStatus.Completed, Status = RunStatus.Completed }).Should().Be(Run with { Status = RunStatus.Completed });
        (Run with { Outcome = RunStatus.Completed, Status = RunStatus.Superseded }).Should().Be(superseded with { Outcome = RunStatus.Completed });
        (superseded with { Status = RunStatus.Failed }).Should().Be(Run);
    }
}
