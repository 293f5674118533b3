using Conversations.Storage;

namespace Conversations.Tests.Rules;

/// <summary>Interrupted runs, and how the output that they streamed is kept.</summary>
public class InterruptedStreamRulesTests : RulesTest
{
    [Fact, TurnRule("6.3", "1.3", "4.2", "5.1")]
    public async Task Takeover_appends_streamed_output_before_its_own_input()
    {
        var streamedAt = Time.GetUtcNow();
        var lost = await LoseAsync("one |and |two", "three");
        var id = lost.ConversationId;

        var begun = await BeginAsync(Turn(text: "next"));

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 4 && turn.LastPosition == 4 && !turn.IsOnExistingInput);
        var messages = await MessagesAsync(id);
        messages.Select(message => message.Text).Should().Equal("hello", "one and two", "three", "next");
        messages.Select(message => message.Position).Should().Equal(1, 2, 3, 4);
        messages.Select(message => message.IsPartial).Should().Equal(false, true, true, false);
        messages.Select(message => message.RunNumber).Should().Equal(lost.RunNumber, lost.RunNumber, lost.RunNumber, begun.Lease.RunNumber);
        messages.Select(message => message.CreatedAt).Should().Equal(streamedAt, streamedAt, streamedAt, Time.GetUtcNow());
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run =>
            run.Status == RunStatus.Interrupted && run.EndedAt == Time.GetUtcNow() && run.OutputPosition == 2 && run.OutputCount == 2 && run.InputPosition == 1 && run.InputCount == 1);
        (await RunOfAsync(begun.Lease)).InputPosition.Should().Be(4);
        (await GetAsync(id)).Should().Match<Conversation>(conversation => conversation.MessageCount == 4 && conversation.LastPosition == 4 && conversation.LastMessageAt == Time.GetUtcNow());
        await CommitAsync(begun.Lease, "answer");
        (await TextsAsync(id)).Should().Equal("hello", "one and two", "three", "next", "answer");
    }

    [Fact, TurnRule("6.3", "3.5", "5.6", "5.1")]
    public async Task Retry_appends_streamed_output_and_is_activity()
    {
        var streamedAt = Time.GetUtcNow();
        var lost = await LoseAsync(Keyed(), "half");
        var id = lost.ConversationId;

        var begun = await BeginAsync(Keyed());

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 2 && turn.IsOnExistingInput);
        (await MessagesAsync(id)).Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("half", true));
        (await GetAsync(id)).Should().Match<Conversation>(conversation =>
            conversation.LastPosition == 2 && conversation.MessageCount == 2 && conversation.LastMessageAt == streamedAt && conversation.LastActivityAt == Time.GetUtcNow());
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputPosition == 2 && run.OutputCount == 1 && run.IdempotencyKey == null);
        await CommitAsync(begun.Lease, "whole");
        (await TextsAsync(id)).Should().Equal("hello", "half", "whole");
    }

    [Fact, TurnRule("6.3", "3.5", "1.3")]
    public async Task Retry_appends_streamed_output_of_another_run_that_lost_its_lease()
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var lost = await LoseAsync("half");

        var begun = await BeginAsync(Keyed());

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 3 && turn.IsOnExistingInput);
        (await MessagesAsync(lost.ConversationId)).Select(message => (message.Text, message.RunNumber)).Should().HaveCount(3).And.HaveElementAt(2, ("half", lost.RunNumber));
        (await RunOfAsync(lost)).OutputPosition.Should().Be(3);
    }

    [Fact, TurnRule("6.3", "3.5")]
    public async Task Retry_appends_streamed_output_of_its_own_conversation_when_current_one_streamed_too()
    {
        var lost = await LoseAsync(Keyed(), "lost");
        var current = await LoseAsync(Turn() with { StartNew = true }, "current");

        await BeginAsync(Keyed());

        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "lost");
        (await TextsAsync(current.ConversationId)).Should().Equal("hello");
    }

    [Fact, TurnRule("6.3", "3.6")]
    public async Task Retry_appends_streamed_output_in_first_conversation_when_it_begins_in_another()
    {
        var lost = await LoseAsync(Keyed(), "half");
        await SetStatusAsync(lost.ConversationId, ConversationStatus.Ended);

        var begun = await BeginAsync(Keyed());

        begun.Should().Match<TurnBegun>(turn => turn.Lease.ConversationId != lost.ConversationId && turn.InputPosition == 1 && turn.LastPosition == 1);
        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("hello");
        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "half");
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputPosition == 2 && run.OutputCount == 1);
        (await GetAsync(lost.ConversationId)).Should().Match<Conversation>(conversation => !conversation.IsActive && conversation.LastPosition == 2 && conversation.LastActivityAt == Time.GetUtcNow());
    }

    [Fact, TurnRule("6.3", "4.6")]
    public async Task Second_answer_appends_streamed_output()
    {
        var lost = await LoseAsync("half");

        var begun = await BeginAsync(Again(lost.ConversationId, 1));

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 2 && turn.IsOnExistingInput);
        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "half");
    }

    [Fact, TurnRule("6.3", "1.2", "3.3")]
    public async Task Begin_appends_no_streamed_output_when_it_is_refused()
    {
        await ExchangeAsync(Keyed("done"));
        var lost = await LoseAsync(Keyed("lost"), "half");
        var before = await StateAsync();

        (await Store.BeginTurnAsync(Keyed("done"))).Should().BeOfType<TurnCompletedBefore>();
        (await Store.BeginTurnAsync(Keyed("lost") with { Fingerprint = "other" })).Should().Be(new TurnMismatch());
        (await Store.BeginTurnAsync(Again(lost.ConversationId, 9))).Should().Be(new TurnNotFound());
        await BeginAsync(Turn() with { StartNew = true, NewConversationId = "conv_new" });
        await Store.DeleteConversationAsync("conv_new", Host);

        (await RunOfAsync(lost)).Status.Should().Be(RunStatus.Running);
        (await StateAsync()).OfType<StoredMessage>().Should().Equal(before.OfType<StoredMessage>());
    }

    [Fact, TurnRule("1.7", "6.3", "1.4", "4.1")]
    public async Task Interrupt_appends_streamed_output_and_releases_lease()
    {
        var lost = await LoseAsync("half");
        var interruptedAt = Time.GetUtcNow();

        var interrupted = await Store.InterruptAsync(lost);
        Time.Advance(TimeSpan.FromSeconds(1));

        interrupted.Should().BeTrue();
        (await MessagesAsync(lost.ConversationId)).Select(message => (message.Text, message.IsPartial, message.RunNumber)).Should().Equal(("hello", false, lost.RunNumber), ("half", true, lost.RunNumber));
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.EndedAt == interruptedAt && run.OutputPosition == 2 && run.OutputCount == 1);
        (await GetAsync(lost.ConversationId)).Should().Match<Conversation>(conversation => conversation.LastPosition == 2 && conversation.MessageCount == 2 && conversation.LastActivityAt == interruptedAt);
        (await CommitAsync(lost, "late")).Should().BeFalse();
        (await Store.RenewLeaseAsync(lost)).Should().BeFalse();
        (await Store.InterruptAsync(lost)).Should().BeFalse();
        (await BeginAsync()).InputPosition.Should().Be(3);
        (await RunOfAsync(lost)).EndedAt.Should().Be(interruptedAt);
    }

    [Fact, TurnRule("1.7", "5.6")]
    public async Task Interrupt_closes_run_and_is_activity_when_nothing_was_streamed()
    {
        var lost = await LoseAsync();
        var before = await GetAsync(lost.ConversationId);

        (await Store.InterruptAsync(lost)).Should().BeTrue();

        (await GetAsync(lost.ConversationId)).Should().Be(before with { LastActivityAt = Time.GetUtcNow(), LastRunStatus = RunStatus.Interrupted });
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.EndedAt == Time.GetUtcNow() && run.OutputPosition == 0 && run.OutputCount == 0);
    }

    [Fact, TurnRule("1.7", "1.6")]
    public async Task Interrupt_succeeds_only_when_lease_expired_or_clock_was_set_back()
    {
        var begun = (await BeginAsync()).Lease;
        var start = Time.GetUtcNow();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));
        var tooEarly = await Store.InterruptAsync(begun);
        Time.SetUtcNow(start - LeaseDuration);
        var setBack = await Store.InterruptAsync(begun);
        Time.SetUtcNow(start - LeaseDuration - TimeSpan.FromSeconds(1));
        var setBackFurther = await Store.InterruptAsync(begun);

        (tooEarly, setBack, setBackFurther).Should().Be((false, false, true));
    }

    [Fact, TurnRule("1.7")]
    public async Task Interrupt_writes_nothing_when_run_is_not_open()
    {
        var committed = (await ExchangeAsync()).Lease;
        var lost = await LoseAsync("half");
        var other = await LoseAsync(Turn(ScopeOf("user_2")), "other");
        await BeginAsync(Turn(ScopeOf("user_2")));
        var before = await StateAsync();
        TurnLease[] refused = [committed, other, lost with { ConversationId = other.ConversationId }, lost with { ConversationId = "conv_unknown" }, lost with { RunNumber = lost.RunNumber + 9 }, lost with { RunNumber = 0 }];

        foreach (var lease in refused)
            (await Store.InterruptAsync(lease)).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
    }

    [Theory, TurnRule("1.7", "6.3", "2.4")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Interrupt_appends_streamed_output_when_conversation_is_not_active(ConversationStatus status)
    {
        var lost = await LoseAsync("half");
        var ended = await SetStatusAsync(lost.ConversationId, status);
        Time.Advance(TimeSpan.FromSeconds(1));

        (await Store.InterruptAsync(lost)).Should().BeTrue();

        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "half");
        (await GetAsync(lost.ConversationId)).Should().Match<Conversation>(conversation => conversation.Status == status && conversation.EndedAt == ended.EndedAt && conversation.LastActivityAt == Time.GetUtcNow());
    }

    [Fact, TurnRule("6.3")]
    public async Task Interrupt_joins_reasoning_and_keeps_last_metadata()
    {
        const string Json = """{ "id" : 1 }""";
        var lease = (await BeginAsync(Turn())).Lease;
        var now = Time.GetUtcNow();
        var pieces = new List<Piece>();
        pieces.Add(Piece.After(pieces, Piece.Fragment(now, 2, new ReasoningPart("let me "))));
        pieces.Add(Piece.After(pieces, Piece.Fragment(now, 2, new ReasoningPart("see")) with { Metadata = Json }));
        pieces.Add(Piece.After(pieces, Piece.Fragment(now, 2, new ReasoningPart("") { ProtectedData = "signed" }, new TextPart("so") { Metadata = Json })));
        await Store.AppendSegmentsAsync(lease, pieces);
        Time.Advance(LeaseDuration);

        await Store.InterruptAsync(lease);

        var message = (await MessagesAsync(lease.ConversationId))[1];
        message.Parts.Should().Equal(new ReasoningPart("let me see") { ProtectedData = "signed" }, new TextPart("so") { Metadata = Json });
        message.Metadata.Should().Be(Json);
    }

    [Fact, TurnRule("6.3", "4.5", "5.5")]
    public async Task Takeover_appends_output_of_second_answer_as_superseded()
    {
        await ExchangeAsync();
        var again = (await BeginAsync(Again((await ListAsync())[0].Id, 1) with { OnInterruption = InterruptedOutput.AppendSuperseded })).Lease;
        await StreamAsync(again, "ha|lf");
        Time.Advance(LeaseDuration);

        await BeginAsync(Turn(text: "next"));

        var messages = await MessagesAsync(again.ConversationId);
        messages.Select(message => (message.Text, message.SupersededBy)).Should().Equal(("hello", null), ("answer", null), ("half", again.RunNumber), ("next", null));
        (await RunOfAsync(again)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.SupersededBy == null && run.OutputPosition == 3 && run.OutputCount == 1);
        var window = await Store.ReadWindowAsync(again.ConversationId, Host, 9);
        window.Select(message => message.Text).Should().Equal("hello", "answer", "next");
    }

    [Fact, TurnRule("6.3", "5.6")]
    public async Task Interrupt_appends_nothing_when_output_is_to_be_discarded()
    {
        var begun = (await BeginAsync(Turn() with { OnInterruption = InterruptedOutput.Discard })).Lease;
        await StreamAsync(begun, "half");
        Time.Advance(LeaseDuration);

        (await Store.InterruptAsync(begun)).Should().BeTrue();

        (await TextsAsync(begun.ConversationId)).Should().Equal("hello");
        (await RunOfAsync(begun)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputCount == 0);
    }

    [Fact, TurnRule("6.3")]
    public async Task Interrupt_keeps_roles_parts_and_times_of_streamed_output()
    {
        var begun = (await BeginAsync()).Lease;
        var now = Time.GetUtcNow();
        var raw = new RawPart("""{ "type":"image" }""");
        var call = new ToolCallPart("call", "look", """{"x": 1}""");
        var result = new ToolResultPart("call", "found\0");
        StoredMessage[] fragments =
        [
            Piece.Fragment(now, 2, new TextPart("a\0"), raw),
            Piece.Fragment(now.AddSeconds(1), 2, new TextPart("👍🏽")),
            Piece.Fragment(now.AddSeconds(2), 2, new TextPart("c"), call),
            new(MessageRole.Tool, result) { ConversationId = "", Position = 3, CreatedAt = now.AddSeconds(3) },
            Piece.Fragment(now.AddSeconds(4), 4, new ErrorPart("error") { Code = "code" }),
        ];
        await Store.AppendSegmentsAsync(begun, fragments.Select((fragment, index) => new Piece(index + 1, new StreamPiece(index, fragment))));
        Time.Advance(LeaseDuration);

        await Store.InterruptAsync(begun);

        var messages = await MessagesAsync(begun.ConversationId);
        StoredMessage[] expected =
        [
            messages[0],
            new(MessageRole.Assistant, new TextPart("a\0"), raw, new TextPart("👍🏽c"), call) { ConversationId = "", Position = 2, CreatedAt = now },
            new(MessageRole.Tool, result) { ConversationId = "", Position = 3, CreatedAt = now.AddSeconds(3) },
            new(MessageRole.Assistant, new ErrorPart("error") { Code = "code" }) { ConversationId = "", Position = 4, CreatedAt = now.AddSeconds(4) },
        ];
        messages.Skip(1).Should().Equal(expected.Skip(1).Select(message => message with { ConversationId = begun.ConversationId, RunNumber = begun.RunNumber, IsPartial = true }));
        messages.Select(message => message.Kind).Should().Equal(expected.Select(message => message.Kind));
        var window = await Store.ReadWindowAsync(begun.ConversationId, Host, 9);
        window.Select(message => message.Position).Should().Equal(1, 2, 3);
    }

    [Fact, TurnRule("6.3", "7.1")]
    public async Task Interrupt_appends_streamed_output_when_input_was_deleted()
    {
        var lost = await LoseAsync("ha|lf", "next");
        (await Store.DeleteMessageAsync(lost.ConversationId, 1, Host)).Should().BeTrue();

        await Store.InterruptAsync(lost);

        (await MessagesAsync(lost.ConversationId)).Select(message => (message.Position, message.Text)).Should().Equal((2, "half"), (3, "next"));
    }

    private Task<TurnLease> LoseAsync(params IEnumerable<string> messages) => LoseAsync(Turn(), messages);

    /// <summary>Begins a turn, streams messages, and lets its lease expire.</summary>
    private async Task<TurnLease> LoseAsync(BeginTurnCommand command, params IEnumerable<string> messages)
    {
        var lease = (await BeginAsync(command)).Lease;
        if (messages.Any())
            await StreamAsync(lease, messages);
        Time.Advance(LeaseDuration);
        return lease;
    }

    private async Task StreamAsync(TurnLease lease, params IEnumerable<string> messages) =>
        (await Store.AppendSegmentsAsync(lease, Piece.Cut(Time.GetUtcNow(), messages))).Should().BeTrue();
}
