using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Superseding and restoring, on messages and runs that are made by hand.</summary>
public class BranchRulesTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact, TurnRule("4.4", "5.5")]
    public void Restore_returns_run_to_the_last_other_run_that_superseded_it()
    {
        // Run 1 wrote 2 to 4. Run 2 superseded 4, run 3 superseded 2 and 3.
        var facts = Facts(restoreFrom: 2, [(1, 1, null), (2, 1, 3), (3, 1, 3), (4, 1, 2)], Run(1, 3));

        var write = Commit(from: null, restore: 3, facts);

        write.Runs.Skip(1).Select(run => (run.Run.Number, run.Run.SupersededBy)).Should().Equal((1, 2));
    }

    [Fact, TurnRule("4.4", "5.5")]
    public void Restore_of_last_superseding_makes_run_current()
    {
        var facts = Facts(restoreFrom: 2, [(1, 1, null), (2, 1, 3), (3, 1, 3)], Run(1, 3));

        var write = Commit(from: null, restore: 3, facts);

        write.Runs.Skip(1).Select(run => run.Run.SupersededBy).Should().Equal([null]);
    }

    [Fact, TurnRule("4.4")]
    public void Restore_supersedes_before_it_restores()
    {
        // Run 1 wrote 2, superseded by run 2, which wrote 3, superseded by run 3, which wrote 4.
        var facts = Facts(restoreFrom: 2, [(1, 1, null), (2, 1, 2), (3, 2, 3), (4, 3, null)], Run(1, 2), Run(2, 3), Run(3, null));

        var write = Commit(from: 2, restore: 3, facts);

        write.Superseded.Should().Equal(new SupersededChange(2, 4, null, 9), new SupersededChange(2, 4, 3, null));
    }

    [Fact, TurnRule("4.4", "5.5")]
    public void Restore_changes_only_runs_whose_messages_change()
    {
        var facts = Facts(restoreFrom: 2, [(1, 1, null), (2, 1, 2), (3, 2, 3), (4, 3, null)], Run(1, 2), Run(2, 3), Run(3, null));

        var write = Commit(from: 2, restore: 3, facts);

        write.Runs.Skip(1).Select(run => (run.Run.Number, run.Run.SupersededBy)).Should().Equal((2, null), (3, 9));
    }

    [Fact, TurnRule("4.3", "5.5")]
    public void Superseding_of_partly_superseded_run_names_the_later_run()
    {
        var facts = Facts(restoreFrom: long.MaxValue, [(1, 1, null), (2, 1, null), (3, 1, 2)], Run(1, 2));

        var write = Commit(from: 2, restore: null, facts);

        write.Runs.Skip(1).Select(run => run.Run.SupersededBy).Should().Equal(9);
    }

    [Fact, TurnRule("4.8")]
    public void Superseding_raises_revision_by_one()
    {
        var facts = Facts(restoreFrom: long.MaxValue, [(1, 1, null), (2, 1, null)], Run(1, null));

        Commit(from: 2, restore: null, facts).Conversation.HistoryRevision.Should().Be(6);
    }

    [Fact, TurnRule("4.8")]
    public void Superseding_of_nothing_leaves_revision_and_summaries()
    {
        var facts = Facts(restoreFrom: long.MaxValue, [(3, 1, 2)], Run(1, 2));

        var write = Commit(from: 3, restore: null, facts);

        (write.Conversation.HistoryRevision, write.DropSummariesFrom, write.Superseded.Count).Should().Be((5, null, 0));
    }

    [Fact, TurnRule("4.8", "8.2")]
    public void Superseding_drops_summaries_from_first_message_that_changes()
    {
        var facts = Facts(restoreFrom: 2, [(1, 1, null), (2, 1, 4), (3, 1, 2), (4, 2, null)], Run(1, 4), Run(2, null));

        Commit(from: 3, restore: 2, facts).DropSummariesFrom.Should().Be(3);
    }

    [Theory, TurnRule("4.3", "4.4")]
    [InlineData(long.MinValue, 1)]
    [InlineData(0, 1)]
    [InlineData(3, 3)]
    [InlineData(long.MaxValue, 5)]
    public void Commit_records_where_its_superseding_begins(long from, long recorded)
    {
        var write = Commit(from, restore: null, Facts(restoreFrom: long.MaxValue, [(4, 1, null)], Run(1, null)));

        write.Runs[0].SupersededFrom.Should().Be(recorded);
    }

    private static BranchFacts Facts(long restoreFrom, (long Position, long Run, long? By)[] messages, params StoredRun[] runs) =>
        new([.. messages.Select(message => new MessageMark(message.Position, message.Run, message.By))], runs, restoreFrom);

    private static StoredRun Run(long number, long? supersededBy) =>
        new() { Run = new ConversationRun { ConversationId = "conv_1", Number = number, Status = RunStatus.Completed, SupersededBy = supersededBy, StartedAt = Now, EndedAt = Now } };

    /// <summary>Commits run 9 of a conversation with 4 messages, which adds none.</summary>
    private static ConversationWrite Commit(long? from, long? restore, BranchFacts facts)
    {
        var lease = new TurnLease("conv_1", 9, 1, TimeSpan.FromMinutes(1));
        var conversation = new StoredConversation
        {
            Conversation = new Conversation { Id = "conv_1", SessionId = "session", Project = "default", Agent = "agent", MessageCount = 4, LastPosition = 4, CreatedAt = Now, LastActivityAt = Now },
            Version = 7,
            LastRun = 9,
            HistoryRevision = 5,
            OpenRun = new OpenRun
            {
                Run = new ConversationRun { ConversationId = "conv_1", Number = 9, Status = RunStatus.Running, InputPosition = 1, InputCount = 1, StartedAt = Now },
                Token = 1,
                LeaseDuration = lease.Duration,
                LeaseExpiresAt = Now + lease.Duration,
            },
        };
        var command = new CommitTurnCommand { Lease = lease, Access = new ConversationAccess("default", audiences: null), Status = RunStatus.Completed, SupersedeFrom = from, Restore = restore };
        return TurnRules.Commit(command, conversation, Now, facts).Batch!.Conversations[0];
    }
}
