using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>A capability: what a run that is interrupted had streamed becomes messages.</summary>
public abstract class InterruptedStreamSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    private IConversationStreamStore Streams => StreamCommands.FeatureOf(Store);

    [Fact, Rule("20.3", "4.3", "2.1", "2.4")]
    public async Task A_takeover_appends_what_was_streamed_before_its_own_input()
    {
        var streamedAt = Time.GetUtcNow();
        var lost = await LoseAsync("one |and |two", "three");
        var id = lost.ConversationId;

        var begun = await BeginAsync(Turn(text: "next"));

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 4 && turn.LastPosition == 4 && !turn.IsOnSavedInput);
        var messages = await MessagesAsync(id);
        messages.Select(message => message.Text).Should().Equal("hello", "one and two", "three", "next");
        messages.Select(message => message.Position).Should().Equal(1, 2, 3, 4);
        messages.Select(message => message.IsPartial).Should().Equal(false, true, true, false);
        messages.Select(message => message.RunNumber).Should().Equal(lost.Fence, lost.Fence, lost.Fence, begun.Lease.Fence);
        messages.Select(message => message.CreatedAt).Should().Equal(streamedAt, streamedAt, streamedAt, Time.GetUtcNow());
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run =>
            run.Status == RunStatus.Interrupted && run.EndedAt == Time.GetUtcNow() && run.OutputPosition == 2 && run.OutputCount == 2 && run.InputPosition == 1 && run.InputCount == 1);
        (await RunOfAsync(begun.Lease)).InputPosition.Should().Be(4);
        (await GetAsync(id)).Should().Match<Conversation>(conversation => conversation.MessageCount == 4 && conversation.LastPosition == 4 && conversation.LastMessageAt == Time.GetUtcNow());
        await CommitAsync(begun.Lease, "answer");
        (await TextsAsync(id)).Should().Equal("hello", "one and two", "three", "next", "answer");
    }

    [Fact, Rule("20.3", "6.5", "8.5", "2.4")]
    public async Task A_run_again_on_saved_input_appends_what_was_streamed_which_is_an_activity()
    {
        var streamedAt = Time.GetUtcNow();
        var lost = await LoseAsync(Keyed(), "half");
        var id = lost.ConversationId;

        var begun = await BeginAsync(Keyed());

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 2 && turn.IsOnSavedInput);
        (await MessagesAsync(id)).Select(message => (message.Text, message.IsPartial)).Should().Equal(("hello", false), ("half", true));
        (await GetAsync(id)).Should().Match<Conversation>(conversation =>
            conversation.LastPosition == 2 && conversation.MessageCount == 2 && conversation.LastMessageAt == streamedAt && conversation.LastActivityAt == Time.GetUtcNow());
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputPosition == 2 && run.OutputCount == 1 && run.IdempotencyKey == null);
        await CommitAsync(begun.Lease, "whole");
        (await TextsAsync(id)).Should().Equal("hello", "half", "whole");
    }

    [Fact, Rule("20.3", "6.5", "4.3")]
    public async Task A_run_again_where_another_run_lost_its_lease_appends_what_that_had_streamed()
    {
        await AbandonAsync(Keyed(), RunStatus.Failed);
        var lost = await LoseAsync("half");

        var begun = await BeginAsync(Keyed());

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 3 && turn.IsOnSavedInput);
        (await MessagesAsync(lost.ConversationId)).Select(message => (message.Text, message.RunNumber)).Should().HaveCount(3).And.HaveElementAt(2, ("half", lost.Fence));
        (await RunOfAsync(lost)).OutputPosition.Should().Be(3);
    }

    [Fact, Rule("20.3", "6.6")]
    public async Task A_request_that_begins_anew_elsewhere_leaves_what_was_streamed_where_it_was()
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

    [Fact, Rule("20.3", "19.1")]
    public async Task A_turn_that_answers_again_appends_what_was_streamed()
    {
        var lost = await LoseAsync("half");

        var begun = await BeginAsync(Again(lost.ConversationId, 1));

        begun.Should().Match<TurnBegun>(turn => turn.InputPosition == 1 && turn.LastPosition == 2 && turn.IsOnSavedInput);
        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "half");
    }

    [Fact, Rule("20.3", "5.7")]
    public async Task A_turn_goes_by_the_position_before_what_is_appended()
    {
        var lost = await LoseAsync("half");

        var moved = await Store.BeginTurnAsync(Turn() with { ExpectedLastPosition = 2 });
        var begun = await BeginAsync(Turn() with { ExpectedLastPosition = 1 });

        moved.Should().Be(new TurnConversationMoved());
        begun.InputPosition.Should().Be(3);
        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "half", "hello");
    }

    [Fact, Rule("20.3", "4.2", "6.3")]
    public async Task A_turn_that_does_not_begin_appends_nothing()
    {
        await ExchangeAsync(Keyed("done"));
        var lost = await LoseAsync(Keyed("lost"), "half");
        var before = await StateAsync();

        (await Store.BeginTurnAsync(Keyed("done"))).Should().BeOfType<TurnCompletedBefore>();
        (await Store.BeginTurnAsync(Keyed("lost") with { Fingerprint = "other" })).Should().Be(new TurnMismatch());
        (await Store.BeginTurnAsync(Turn() with { ExpectedLastPosition = 7 })).Should().Be(new TurnConversationMoved());
        (await Store.BeginTurnAsync(Again(lost.ConversationId, 9))).Should().Be(new TurnNotFound());
        await BeginAsync(Turn() with { StartNew = true, NewConversationId = "conv_new" });
        await Store.DeleteConversationAsync("conv_new", Host);

        (await RunOfAsync(lost)).Status.Should().Be(RunStatus.Running);
        (await StateAsync()).OfType<ConversationMessage>().Should().Equal(before.OfType<ConversationMessage>());
    }

    [Fact, Rule("20.6", "20.3", "4.4", "4.6")]
    public async Task Interrupt_appends_what_was_streamed_and_frees_the_lease()
    {
        var lost = await LoseAsync("half");
        var interruptedAt = Time.GetUtcNow();

        var interrupted = await InterruptAsync(lost);
        Time.Advance(TimeSpan.FromSeconds(1));

        interrupted.Should().BeTrue();
        (await MessagesAsync(lost.ConversationId)).Select(message => (message.Text, message.IsPartial, message.RunNumber)).Should().Equal(("hello", false, lost.Fence), ("half", true, lost.Fence));
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.EndedAt == interruptedAt && run.OutputPosition == 2 && run.OutputCount == 1);
        (await GetAsync(lost.ConversationId)).Should().Match<Conversation>(conversation => conversation.LastPosition == 2 && conversation.MessageCount == 2 && conversation.LastActivityAt == interruptedAt);
        (await CommitAsync(lost, "late")).Should().BeFalse();
        (await Store.RenewLeaseAsync(lost)).Should().BeFalse();
        (await InterruptAsync(lost)).Should().BeFalse();
        (await BeginAsync()).InputPosition.Should().Be(3);
        (await RunOfAsync(lost)).EndedAt.Should().Be(interruptedAt);
    }

    [Fact, Rule("20.6", "8.5")]
    public async Task Interrupt_of_a_run_that_streamed_nothing_marks_it_and_is_no_activity()
    {
        var lost = await LoseAsync();
        var before = await GetAsync(lost.ConversationId);

        (await InterruptAsync(lost)).Should().BeTrue();

        (await GetAsync(lost.ConversationId)).Should().Be(before);
        (await RunOfAsync(lost)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.EndedAt == Time.GetUtcNow() && run.OutputPosition == 0 && run.OutputCount == 0);
    }

    [Fact, Rule("20.6", "14.2")]
    public async Task Interrupt_goes_by_the_clock_as_a_takeover_does()
    {
        var begun = (await BeginAsync()).Lease;
        var start = Time.GetUtcNow();
        Time.Advance(LeaseDuration - TimeSpan.FromTicks(1));
        var tooEarly = await InterruptAsync(begun);
        Time.SetUtcNow(start - LeaseDuration);
        var setBack = await InterruptAsync(begun);
        Time.SetUtcNow(start - LeaseDuration - TimeSpan.FromSeconds(1));
        var setBackFurther = await InterruptAsync(begun);

        (tooEarly, setBack, setBackFurther).Should().Be((false, false, true));
    }

    [Fact, Rule("20.6")]
    public async Task Interrupt_of_a_run_that_is_not_running_or_is_not_there_changes_nothing()
    {
        var committed = (await ExchangeAsync()).Lease;
        var lost = await LoseAsync("half");
        var other = await LoseAsync(Turn(ScopeOf("user_2")), "other");
        await BeginAsync(Turn(ScopeOf("user_2")));
        var before = await StateAsync();
        TurnLease[] refused = [committed, other, lost with { ConversationId = other.ConversationId }, lost with { ConversationId = "conv_unknown" }, lost with { Fence = lost.Fence + 9 }, lost with { Fence = 0 }];

        foreach (var lease in refused)
            (await InterruptAsync(lease)).Should().BeFalse();

        (await StateAsync()).Should().Equal(before);
    }

    [Theory, Rule("20.6", "20.3", "5.8")]
    [InlineData(ConversationStatus.Ended)]
    [InlineData(ConversationStatus.Archived)]
    public async Task Interrupt_in_a_conversation_that_is_not_active_appends_and_leaves_it_so(ConversationStatus status)
    {
        var lost = await LoseAsync("half");
        var ended = await SetStatusAsync(lost.ConversationId, status);
        Time.Advance(TimeSpan.FromSeconds(1));

        (await InterruptAsync(lost)).Should().BeTrue();

        (await TextsAsync(lost.ConversationId)).Should().Equal("hello", "half");
        (await GetAsync(lost.ConversationId)).Should().Match<Conversation>(conversation => conversation.Status == status && conversation.EndedAt == ended.EndedAt && conversation.LastActivityAt == Time.GetUtcNow());
    }

    [Fact, Rule("20.3", "10.1")]
    public async Task What_was_thought_is_one_part_and_the_message_has_the_metadata_of_its_pieces()
    {
        const string Json = """{ "id" : 1 }""";
        var lease = (await BeginAsync(Turn())).Lease;
        var now = Time.GetUtcNow();
        var segments = new List<StreamSegment>();
        segments.Add(StreamCommands.Segment(segments, StreamCommands.Fragment(now, 2, new ReasoningPart("let me "))));
        segments.Add(StreamCommands.Segment(segments, StreamCommands.Fragment(now, 2, new ReasoningPart("see")) with { Metadata = Json }));
        segments.Add(StreamCommands.Segment(segments, StreamCommands.Fragment(now, 2, new ReasoningPart("") { ProtectedData = "signed" }, new TextPart("so") { Metadata = Json })));
        await Streams.AppendSegmentsAsync(StreamCommands.Append(lease, segments));
        Time.Advance(LeaseDuration);

        await InterruptAsync(lease);

        var message = (await MessagesAsync(lease.ConversationId))[1];
        message.Parts.Should().Equal(new ReasoningPart("let me see") { ProtectedData = "signed" }, new TextPart("so") { Metadata = Json });
        message.Metadata.Should().Be(Json);
    }

    [Fact, Rule("20.3", "19.4", "19.5", "7.2")]
    public async Task What_a_second_answer_streamed_is_superseded_by_its_own_run()
    {
        await ExchangeAsync();
        var again = (await BeginAsync(Again((await ListAsync())[0].Id, 1))).Lease;
        await StreamAsync(again, InterruptedOutput.Append, "ha|lf");
        await StreamAsync(again, InterruptedOutput.AppendSuperseded, "ha|lf");
        Time.Advance(LeaseDuration);

        await BeginAsync(Turn(text: "next"));

        var messages = await MessagesAsync(again.ConversationId);
        messages.Select(message => (message.Text, message.SupersededBy)).Should().Equal(("hello", null), ("answer", null), ("half", again.Fence), ("next", null));
        (await RunOfAsync(again)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.SupersededBy == null && run.OutputPosition == 3 && run.OutputCount == 1);
        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = again.ConversationId, Access = Host, Before = 9, Limit = 9 });
        window.Select(message => message.Text).Should().Equal("hello", "answer", "next");
    }

    [Fact, Rule("20.3", "8.5")]
    public async Task What_was_streamed_to_be_discarded_is_not_appended()
    {
        var begun = (await BeginAsync()).Lease;
        await StreamAsync(begun, InterruptedOutput.Append, "half");
        await StreamAsync(begun, InterruptedOutput.Discard, "half");
        var before = await GetAsync(begun.ConversationId);
        Time.Advance(LeaseDuration);

        (await InterruptAsync(begun)).Should().BeTrue();

        (await GetAsync(begun.ConversationId)).Should().Be(before);
        (await TextsAsync(begun.ConversationId)).Should().Equal("hello");
        (await RunOfAsync(begun)).Should().Match<ConversationRun>(run => run.Status == RunStatus.Interrupted && run.OutputCount == 0);
    }

    [Fact, Rule("20.3", "10.1", "7.2")]
    public async Task What_was_streamed_keeps_its_roles_parts_times_and_kinds()
    {
        var begun = (await BeginAsync()).Lease;
        var now = Time.GetUtcNow();
        var raw = new RawPart("""{ "type":"image" }""");
        var call = new ToolCallPart("call", "look", """{"x": 1}""");
        var result = new ToolResultPart("call", "found\0");
        ConversationMessage[] fragments =
        [
            StreamCommands.Fragment(now, 2, new TextPart("a\0"), raw),
            StreamCommands.Fragment(now.AddSeconds(1), 2, new TextPart("👍🏽")),
            StreamCommands.Fragment(now.AddSeconds(2), 2, new TextPart("c"), call),
            new(MessageRole.Tool, result) { Position = 3, CreatedAt = now.AddSeconds(3) },
            StreamCommands.Fragment(now.AddSeconds(4), 4, new ErrorPart("error") { Code = "code" }),
        ];
        await Streams.AppendSegmentsAsync(StreamCommands.Append(begun, fragments.Select((fragment, index) => new StreamSegment(index + 1, index, fragment))));
        Time.Advance(LeaseDuration);

        await InterruptAsync(begun);

        var messages = await MessagesAsync(begun.ConversationId);
        ConversationMessage[] expected =
        [
            messages[0],
            new(MessageRole.Assistant, new TextPart("a\0"), raw, new TextPart("👍🏽c"), call) { Position = 2, CreatedAt = now },
            new(MessageRole.Tool, result) { Position = 3, CreatedAt = now.AddSeconds(3) },
            new(MessageRole.Assistant, new ErrorPart("error") { Code = "code" }) { Position = 4, CreatedAt = now.AddSeconds(4) },
        ];
        messages.Skip(1).Should().Equal(expected.Skip(1).Select(message => message with { ConversationId = begun.ConversationId, RunNumber = begun.Fence, IsPartial = true }));
        messages.Select(message => message.Kind).Should().Equal(expected.Select(message => message.Kind));
        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = begun.ConversationId, Access = Host, Before = 9, Limit = 9 });
        window.Select(message => message.Position).Should().Equal([1, 2, 3], "errors are passed over");
    }

    [Fact, Rule("20.5", "20.3")]
    public async Task What_was_streamed_can_be_read_after_the_interruption()
    {
        var lost = await LoseAsync("ha|lf");
        await InterruptAsync(lost);

        Time.Advance(StreamCommands.KeepFor - TimeSpan.FromTicks(1));
        var before = await Streams.ReadStreamAsync(StreamCommands.All(lost, Host));
        Time.Advance(TimeSpan.FromTicks(1));
        var after = await Streams.ReadStreamAsync(StreamCommands.All(lost, Host));

        before!.Segments.Select(segment => segment.Fragment.Text).Should().Equal("ha", "lf");
        (before.Run.Status, before.IsLeaseExpired).Should().Be((RunStatus.Interrupted, false));
        after!.Segments.Should().BeEmpty();
    }

    [Fact, Rule("20.5", "20.3")]
    public async Task What_a_turn_streams_stays_when_its_input_is_deleted()
    {
        var lost = await LoseAsync("ha|lf", "next");
        (await Store.DeleteMessageAsync(lost.ConversationId, 1, Host)).Should().BeTrue();

        var before = await Streams.ReadStreamAsync(StreamCommands.All(lost, Host));
        await InterruptAsync(lost);

        before!.Segments.Should().HaveCount(3);
        (await MessagesAsync(lost.ConversationId)).Select(message => (message.Position, message.Text)).Should().Equal((2, "half"), (3, "next"));
    }

    private Task<TurnLease> LoseAsync(params IEnumerable<string> messages) => LoseAsync(Turn(), messages);

    /// <summary>Begins a turn, streams messages, and lets its lease expire.</summary>
    private async Task<TurnLease> LoseAsync(BeginTurnCommand command, params IEnumerable<string> messages)
    {
        var lease = (await BeginAsync(command)).Lease;
        if (messages.Any())
            await StreamAsync(lease, InterruptedOutput.Append, messages);
        Time.Advance(LeaseDuration);
        return lease;
    }

    private async Task StreamAsync(TurnLease lease, InterruptedOutput onInterruption, params IEnumerable<string> messages)
    {
        var command = StreamCommands.Append(lease, StreamCommands.Cut(Time.GetUtcNow(), messages));
        (await Streams.AppendSegmentsAsync(command with { OnInterruption = onInterruption })).Should().BeTrue();
    }

    private async Task<bool> InterruptAsync(TurnLease lease) => await Streams.InterruptRunAsync(lease.ConversationId, lease.Fence, Host);
}
