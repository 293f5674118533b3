namespace Conversations.Tests.Rules;

/// <summary>Who is the author of the input of turns.</summary>
public class AuthorRulesTests : RulesTest
{
    private static readonly TokenAmount Counted = new(10, "counter");

    private static ConversationScope Shared { get; } = new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy([], null), channel: null);

    private static ConversationScope Thread { get; } = new(ConversationScope.DefaultProject, "agent", ConversationOwner.SharedBy(["tenant_id"], null, "deal/4711"), channel: null);

    [Fact, TurnRule("11.1")]
    public async Task Begin_names_the_caller_in_a_shared_conversation_and_counts_the_name()
    {
        var begun = await BeginAsync(Spoken(Turn(Shared), "ada", tokens: 7));

        begun.Input.Should().ContainSingle().Which.Should().Match<ConversationMessage>(message => message.AuthorName == "ada" && message.Tokens == new TokenAmount(17, "counter"));
        (await AuthorsAsync(begun)).Should().Equal("ada");
    }

    [Fact, TurnRule("11.1")]
    public async Task Begin_names_the_caller_in_a_thread_that_it_continues_by_id()
    {
        var begun = await ExchangeAsync(Spoken(Turn(Thread), "ada"));

        await BeginAsync(Spoken(TurnIn(begun.Lease.ConversationId, Thread), "bob"));

        (await AuthorsAsync(begun)).Should().Equal("ada", null, "bob");
    }

    [Fact, TurnRule("11.1")]
    public async Task Begin_names_no_author_in_the_conversation_of_one_identity()
    {
        var begun = await ExchangeAsync(Spoken(Turn(), "ada"));

        await BeginAsync(Spoken(TurnIn(begun.Lease.ConversationId), "ada"));

        (await MessagesAsync(begun)).Should().AllSatisfy(message => message.AuthorName.Should().BeNull());
        (await MessagesAsync(begun))[0].Tokens.Should().Be(Counted);
    }

    [Fact, TurnRule("11.1")]
    public async Task Begin_keeps_the_author_that_the_input_has_and_names_no_other_role()
    {
        var call = ConversationMessage.ToolCall("call", "tool", "{}") with { CreatedAt = Time.GetUtcNow() };
        var begun = await BeginAsync(Spoken(Turn(Shared), "ada") with { Input = [User("1") with { AuthorName = "Zoë" }] });
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = [call] });

        await BeginAsync(Spoken(Turn(Shared), "ada") with { Input = [ConversationMessage.ToolResult("call", "done") with { CreatedAt = Time.GetUtcNow() }] });

        (await AuthorsAsync(begun)).Should().Equal("Zoë", null, null);
    }

    [Fact, TurnRule("11.2", "3.5")]
    public async Task Retry_keeps_the_author()
    {
        var failed = await AbandonAsync(Spoken(Keyed(scope: Shared), "ada"), RunStatus.Failed);

        await ExchangeAsync(Spoken(Keyed(scope: Shared), "bob"));

        (await AuthorsAsync(failed)).Should().Equal("ada", null);
    }

    [Fact, TurnRule("11.2", "4.6", "4.3", "4.4")]
    public async Task Superseding_and_restoring_keep_the_author()
    {
        var asked = await ExchangeAsync(Spoken(Turn(Shared), "ada"));
        var id = asked.Lease.ConversationId;
        var again = await SupersedeAsync(id, 1, from: 1, restore: null, Assistant("again"));

        await SupersedeAsync(id, 3, from: null, restore: again.RunNumber);

        (await AuthorsAsync(asked)).Should().Equal("ada", null, null);
    }

    [Fact, TurnRule("11.1", "4.12")]
    public async Task Begin_instead_of_a_message_names_who_replaces_it()
    {
        var asked = await ExchangeAsync(Spoken(Turn(Shared), "ada"));

        await BeginAsync(Spoken(TurnIn(asked.Lease.ConversationId, Shared), "bob") with { ReplacedPosition = 1 });

        (await AuthorsAsync(asked)).Should().Equal("ada", null, "bob");
    }

    [Fact, TurnRule("6.3")]
    public async Task Interrupt_keeps_the_author_of_what_was_streamed()
    {
        var begun = await BeginAsync();
        var fragment = Piece.Fragment(Time.GetUtcNow(), 2, new TextPart("one"));
        var first = Piece.After([], fragment with { ConversationId = begun.Lease.ConversationId, AuthorName = "Vera" });
        await Store.AppendSegmentsAsync(begun.Lease, first, Piece.After([first], fragment with { ConversationId = begun.Lease.ConversationId }));
        Time.Advance(LeaseDuration);

        await BeginAsync();

        (await AuthorsAsync(begun)).Should().Equal(null, "Vera", null);
    }

    [Theory, TurnRule("11.1")]
    [InlineData("ada", "user_id=ada", "tenant_id=acme")]
    [InlineData("ada", "user_id=ada")]
    [InlineData("guest e1d5", "session_id=kiosk-7", "tenant_id=acme")]
    [InlineData("guest e0b4", "session_id=kiosk-8", "tenant_id=acme")]
    [InlineData("guest 3d55", "session_id=kiosk-7")]
    [InlineData(null, "tenant_id=acme")]
    public void Speaker_is_the_user_or_a_guest_whose_fields_are_not_in_the_name(string? expected, params string[] fields)
    {
        var caller = ConversationIdentity.FromFields(fields.Select(field => KeyValuePair.Create(field.Split('=')[0], field.Split('=')[1])));

        Speaker.NameOf(caller, ["tenant_id"]).Should().Be(expected);
        Speaker.NameOf(caller: null, ["tenant_id"]).Should().BeNull();
    }

    private static BeginTurnCommand Spoken(BeginTurnCommand command, string name, long tokens = 3) =>
        command with { Speaker = new Speaker(name, tokens), Input = [.. command.Input.Select(message => message with { Tokens = Counted })] };

    private Task<IReadOnlyList<StoredMessage>> MessagesAsync(TurnBegun begun) => MessagesAsync(begun.Lease.ConversationId);

    private async Task<IEnumerable<string?>> AuthorsAsync(TurnBegun begun) => (await MessagesAsync(begun)).Select(message => message.AuthorName);
}
