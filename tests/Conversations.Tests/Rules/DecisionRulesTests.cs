using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Decisions on states that are made by hand.</summary>
public class DecisionRulesTests
{
    private static readonly DateTimeOffset Now = new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly ConversationScope Scope = new(ConversationScope.DefaultProject, "agent", ConversationOwner.Of(ConversationIdentity.ForUser("user_1")), ConversationChannels.Chat);
    private static readonly ConversationAccess Host = new(ConversationScope.DefaultProject, audiences: null);

    [Fact, TurnRule("3.6", "1.3")]
    public void Begin_takes_key_from_closed_run_of_another_conversation()
    {
        var (target, other) = (Stored("conv_1", lastRun: 2), Stored("conv_2", lastRun: 3, ConversationStatus.Ended));

        var batch = Begin(Keyed(), State(target, Failed("conv_2", 3), other)).Batch!;

        batch.Conversations.Should().HaveCount(2);
        batch.Conversations[1].Conversation.Should().Be(other, "nothing of it changes but its version");
        batch.Conversations[1].Runs.Should().Equal(Failed("conv_2", 3) with { Run = Failed("conv_2", 3).Run with { IdempotencyKey = null }, Fingerprint = null });
    }

    [Fact, TurnRule("3.6", "1.3")]
    public void Begin_interrupts_open_run_of_another_conversation_when_it_takes_its_key()
    {
        var (target, other) = (Stored("conv_1", lastRun: 2), Open("conv_2", 3, keyed: true, ConversationStatus.Ended));

        var batch = Begin(Keyed(), State(target, RunOf(other), other)).Batch!;

        batch.Conversations[1].Conversation.OpenRun.Should().BeNull();
        batch.Conversations[1].Runs.Should().ContainSingle().Which.Run.Should().Match<ConversationRun>(run => run.Number == 3 && run.Status == RunStatus.Interrupted && run.IdempotencyKey == null);
    }

    [Fact, TurnRule("3.6", "6.3")]
    public void Begin_appends_draft_of_another_conversation_there_when_it_takes_its_key()
    {
        var (target, other) = (Open("conv_1", 2, keyed: false), Open("conv_2", 3, keyed: true, ConversationStatus.Ended));
        var facts = new BeginFacts { Draft = [Message("target")], KeyedDraft = [Message("other"), Message("and more")] };

        var batch = Begin(Keyed(), State(target, RunOf(other), other), facts).Batch!;

        batch.Conversations.Select(write => string.Join(',', write.Messages.Select(message => message.Text))).Should().Equal("target,hello", "other,and more");
    }

    [Fact, TurnRule("3.6", "1.2")]
    public void Begin_writes_nothing_to_another_conversation_when_target_is_locked()
    {
        var (target, other) = (Open("conv_1", 2, keyed: false, expiresAt: Now + Minute), Open("conv_2", 3, keyed: true, ConversationStatus.Ended));

        var decision = Begin(Keyed(), State(target, RunOf(other), other));

        decision.Should().Be(new Decision<BeginTurnOutcome>(new TurnLocked("conv_1", 2, Minute), Batch: null));
    }

    [Fact, TurnRule("3.5", "1.3")]
    public void Begin_writes_one_run_when_run_with_key_is_the_one_taken_over()
    {
        var target = Open("conv_1", 2, keyed: true);

        var batch = Begin(Keyed(), State(target, RunOf(target), target)).Batch!;

        batch.Conversations.Should().ContainSingle().Which.Runs.Should().ContainSingle().Which
            .Should().Match<StoredRun>(run => run.Run.Status == RunStatus.Interrupted && run.Run.IdempotencyKey == null && run.Fingerprint == null);
    }

    [Fact, TurnRule("3.5", "1.3")]
    public void Begin_writes_two_runs_when_another_run_is_taken_over()
    {
        var target = Open("conv_1", 5, keyed: false);

        var batch = Begin(Keyed(), State(target, Failed("conv_1", 3), target)).Batch!;

        batch.Conversations.Should().ContainSingle().Which.Runs.Select(run => (run.Run.Number, run.Run.Status, run.Run.IdempotencyKey))
            .Should().Equal((5, RunStatus.Interrupted, null), (3, RunStatus.Failed, null));
    }

    [Fact, TurnRule("3.5", "1.1")]
    public void Begin_gives_key_and_fingerprint_to_new_run()
    {
        var target = Stored("conv_1", lastRun: 5);

        var batch = Begin(Keyed(), State(target, Failed("conv_1", 3), target)).Batch!;

        batch.Conversations[0].Conversation.OpenRun.Should().Match<OpenRun>(open => open.Run.Number == 6 && open.Run.IdempotencyKey == "key" && open.Fingerprint == "fingerprint");
    }

    [Fact, TurnRule("3.5")]
    public void Begin_depends_on_current_conversation_only_through_keyed_one()
    {
        var (current, keyed) = (Stored("conv_1", lastRun: 2), Stored("conv_2", lastRun: 3));

        var batch = Begin(Keyed(), State(current, Failed("conv_2", 3), keyed)).Batch!;

        batch.Conversations.Should().ContainSingle().Which.Conversation.Conversation.Id.Should().Be("conv_2");
    }

    [Fact, TurnRule("3.6")]
    public void Begin_ignores_later_answer_when_keyed_conversation_is_not_active()
    {
        var (target, keyed) = (Stored("conv_1", lastRun: 2), Stored("conv_2", lastRun: 4, ConversationStatus.Ended));
        var facts = new BeginFacts { AnsweredSince = Run("conv_2", 4, RunStatus.Completed, keyed: false) };

        Begin(Keyed(), State(target, Failed("conv_2", 3), keyed), facts).Outcome.Should().BeOfType<TurnBegun>();
    }

    [Fact, TurnRule("9.1")]
    public void Begin_returns_window_that_was_loaded()
    {
        var decision = Begin(Turn() with { Window = new WindowSize(9) }, State(Stored("conv_1", lastRun: 2)) with { Window = [Message("1")] });

        ((TurnBegun)decision.Outcome).Window.Should().Equal(Message("1"));
    }

    [Fact, TurnRule("9.1", "6.3")]
    public void Begin_returns_no_window_when_takeover_can_append_messages()
    {
        var decision = Begin(Turn() with { Window = new WindowSize(9) }, State(Open("conv_1", 2, keyed: false)) with { Window = [Message("1")] });

        ((TurnBegun)decision.Outcome).Window.Should().BeNull();
    }

    [Fact, TurnRule("9.1", "3.5")]
    public void Begin_returns_no_window_of_another_conversation()
    {
        var (current, keyed) = (Stored("conv_1", lastRun: 2), Stored("conv_2", lastRun: 3));

        var decision = Begin(Keyed() with { Window = new WindowSize(9) }, State(current, Failed("conv_2", 3), keyed) with { Window = [Message("1")] });

        ((TurnBegun)decision.Outcome).Window.Should().BeNull();
    }

    [Fact, TurnRule("1.1")]
    public void Begin_takes_number_after_last_run_and_token_of_command()
    {
        var decision = Begin(Turn() with { Token = 77 }, State(Stored("conv_1", lastRun: 41)));

        ((TurnBegun)decision.Outcome).Lease.Should().Be(new TurnLease("conv_1", 42, 77, Minute));
    }

    [Fact, TurnRule("1.1")]
    public void Begin_takes_number_1_in_new_conversation()
    {
        var decision = Begin(Turn(), State(conversation: null));

        ((TurnBegun)decision.Outcome).Lease.Should().Be(new TurnLease("conv_new", 1, 5, Minute));
    }

    [Fact, TurnRule("1.1", "1.4")]
    public void Commit_is_refused_when_number_was_assigned_twice()
    {
        var conversation = Open("conv_1", 2, keyed: false);

        var decision = TurnRules.Commit(Commit(2, token: 2), conversation, Now, branches: null);

        decision.Should().Be(new Decision<bool>(false, Batch: null));
    }

    [Theory, TurnRule("2.1", "2.2")]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Begin_requires_that_ended_conversation_is_unchanged_unless_new_one_is_requested(bool startNew, bool isRequired)
    {
        var ended = Stored("conv_1", lastRun: 2, ConversationStatus.Ended);

        var batch = Begin(Turn() with { StartNew = startNew }, State(ended)).Batch!;

        batch.Conversations.Skip(1).Select(write => write.Conversation).Should().Equal(isRequired ? [ended] : []);
    }

    [Fact, TurnRule("2.3")]
    public void Begin_expects_pointer_that_was_loaded()
    {
        var batch = Begin(Turn() with { StartNew = true }, State(Stored("conv_1", lastRun: 2))).Batch!;

        batch.PointerChange.Should().Be(new PointerChange("conv_1", "conv_new"));
    }

    [Fact, TurnRule("2.1", "2.8")]
    public void Begin_by_scope_writes_with_access_of_scope()
    {
        var batch = Begin(Turn() with { Access = new ConversationAccess("default", []) }, State(Stored("conv_1", lastRun: 2))).Batch!;

        batch.Access.Should().Be(Host);
    }

    [Fact, TurnRule("2.3")]
    public void Create_with_keep_requires_that_inactive_conversation_is_unchanged()
    {
        var ended = Stored("conv_1", lastRun: 2, ConversationStatus.Ended);
        var command = new CreateConversationCommand { ConversationId = "conv_new", Scope = Scope, Current = CurrentConversationRule.Keep };

        var batch = TurnRules.Create(command, State(ended)).Batch!;

        batch.Conversations.Skip(1).Select(write => write.Conversation).Should().Equal(ended);
    }

    [Fact, TurnRule("2.4")]
    public void Reopen_requires_that_inactive_current_conversation_is_unchanged()
    {
        var (ended, current) = (Stored("conv_1", lastRun: 2, ConversationStatus.Ended), Stored("conv_2", lastRun: 1, ConversationStatus.Archived));

        var batch = TurnRules.Change(new ConversationChange { Status = ConversationStatus.Active }, Host, State(ended), current).Batch!;

        batch.Conversations.Skip(1).Select(write => write.Conversation).Should().Equal(current);
    }

    [Fact, TurnRule("1.1", "4.1")]
    public void Begin_and_renewal_need_less_durability_than_commit()
    {
        var open = Open("conv_1", 2, keyed: false);
        var lease = new TurnLease("conv_1", 2, 1, Minute);

        WriteDurability[] durabilities =
        [
            Begin(Turn(), State(Stored("conv_1", lastRun: 2))).Batch!.Durability,
            TurnRules.Renew(lease, Host, State(open)).Batch!.Durability,
            TurnRules.Commit(Commit(2, token: 1), open, Now, branches: null).Batch!.Durability,
            TurnRules.Interrupt(2, Host, State(open), draft: []).Batch!.Durability,
        ];

        durabilities.Should().Equal(WriteDurability.Process, WriteDurability.Process, WriteDurability.Disk, WriteDurability.Disk);
    }

    [Fact, TurnRule("1.6")]
    public void Lease_expires_when_clock_was_set_back_by_more_than_its_duration()
    {
        var open = Open("conv_1", 2, keyed: false, expiresAt: Now + (Minute * 2)).OpenRun!;

        new[] { TurnLease.Left(open, Now), TurnLease.Left(open, Now.AddTicks(-2)) }.Should().Equal(Minute * 2, TimeSpan.Zero);
    }

    [Fact, TurnRule("1.1")]
    public void Lease_never_expires_when_its_duration_exceeds_time()
    {
        TurnLease.Expiry(Now, TimeSpan.MaxValue).Should().Be(DateTimeOffset.MaxValue);
    }

    private static Decision<BeginTurnOutcome> Begin(BeginTurnCommand command, ConversationState state, BeginFacts? facts = null) => TurnRules.Begin(command, state, facts ?? BeginFacts.None);

    private static BeginTurnCommand Turn() => new()
    {
        Access = Host,
        Agent = "agent",
        Scope = Scope,
        NewConversationId = "conv_new",
        Input = [Message("hello")],
        Caller = "user_1",
        LeaseDuration = Minute,
        Token = 5,
    };

    private static BeginTurnCommand Keyed() => Turn() with { IdempotencyKey = "key", Fingerprint = "fingerprint" };

    private static CommitTurnCommand Commit(long number, long token) =>
        new() { Lease = new TurnLease("conv_1", number, token, Minute), Access = Host, Status = RunStatus.Completed };

    private static StoredMessage Message(string text) => (ConversationMessage.User(text) with { CreatedAt = Now }).StoredAt("conv_1", 1);

    private static ConversationState State(StoredConversation? conversation, StoredRun? run = null, StoredConversation? keyed = null) =>
        new() { Now = Now, Conversation = conversation, KeyedRun = run, KeyedConversation = keyed };

    private static StoredConversation Stored(string id, long lastRun, ConversationStatus status = ConversationStatus.Active) => new()
    {
        Conversation = new Conversation { Id = id, SessionId = Scope.SessionId, Project = Scope.Project, Agent = Scope.Agent, Status = status, MessageCount = 9, LastPosition = 9, CreatedAt = Now, LastActivityAt = Now },
        Version = 7,
        LastRun = lastRun,
    };

    private static StoredConversation Open(string id, long number, bool keyed, ConversationStatus status = ConversationStatus.Active, DateTimeOffset? expiresAt = null) => Stored(id, number, status) with
    {
        OpenRun = new OpenRun { Run = Run(id, number, RunStatus.Running, keyed), Fingerprint = keyed ? "fingerprint" : null, Token = 1, LeaseDuration = Minute, LeaseExpiresAt = expiresAt ?? Now },
    };

    private static StoredRun RunOf(StoredConversation conversation) => new() { Run = conversation.OpenRun!.Run, Fingerprint = conversation.OpenRun.Fingerprint };

    private static StoredRun Failed(string id, long number) => new() { Run = Run(id, number, RunStatus.Failed, keyed: true), Fingerprint = "fingerprint" };

    private static ConversationRun Run(string id, long number, RunStatus status, bool keyed) =>
        new() { ConversationId = id, Number = number, Status = status, IdempotencyKey = keyed ? "key" : null, Caller = "user_1", InputPosition = 9, InputCount = 1, StartedAt = Now };
}
