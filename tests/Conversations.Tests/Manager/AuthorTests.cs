namespace Conversations.Tests.Manager;

public sealed class AuthorTestsInMemory : AuthorTests<InMemory>;

public sealed class AuthorTestsOnSqlite : AuthorTests<Sqlite>;

/// <summary>Who wrote the messages of conversations that several callers share.</summary>
public abstract class AuthorTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string Team = "team-bot";

    [Fact]
    public async Task Messages_of_a_shared_conversation_name_their_speakers()
    {
        await Alice.RunTurnAsync(Team, "The printer is broken.", Say("I see."), Cancellation);
        ConversationTurn? open = null;
        var result = await Bob.RunTurnAsync(Team, "Is it repaired?", (turn, token) => Say("No.")(open = turn, token), Cancellation);

        (await AuthorsAsync(result)).Should().Equal("alice", null, "bob", null);
        open!.Prompt.Select(message => message.AuthorName).Should().Equal("alice", null, "bob", null);
        open.Input.Should().ContainSingle().Which.AuthorName.Should().Be("bob");
        (await Alice.GetMessagesAsync(result.ConversationId!, new MessageQuery { NewestFirst = true }, Cancellation).FirstAsync(message => message.Role == MessageRole.User, Cancellation)).AuthorName.Should().Be("bob");
    }

    [Fact]
    public async Task Messages_of_a_thread_name_their_speakers_also_by_id()
    {
        var first = await Alice.RunTurnAsync(new TurnRequest(Bot, "one") { Thread = "deal/4711" }, Say("1"), Cancellation);
        var bob = Manager.ForIdentity(ConversationIdentity.ForUser("bob"), new ConversationGrants { Threads = ["deal/4711"] });

        await bob.RunTurnAsync(new TurnRequest(Bot, "two") { ConversationId = first.ConversationId }, Say("2"), Cancellation);
        await Manager.RunTurnAsync(new TurnRequest(Bot, "three") { ConversationId = first.ConversationId }, Say("3"), Cancellation);

        (await AuthorsAsync(first)).Should().Equal("alice", null, "bob", null, null, null);
    }

    [Fact]
    public async Task Messages_of_one_user_have_no_author_and_cost_nothing_more()
    {
        await AskAsync("one");
        var result = await AskAsync("one");
        await AskAsync(new TurnRequest(Bot, "one") { ConversationId = result.ConversationId });

        var messages = await MessagesAsync(result);
        messages.Should().AllSatisfy(message => message.AuthorName.Should().BeNull());
        messages.Where(message => message.Role == MessageRole.User).Should().HaveCount(3).And.AllSatisfy(message => message.Tokens!.Value.Count.Should().Be(4 + TokenCounter.Estimate.Count("one")));
    }

    [Theory]
    [InlineData(Team)]
    [InlineData("support-bot")]
    public async Task Author_that_the_host_names_is_stored(string agent)
    {
        var result = await Alice.RunTurnAsync(new TurnRequest(agent, ConversationMessage.User("one") with { AuthorName = "Zoë 🦊" }), (turn, _) =>
        {
            turn.Add(ConversationMessage.Assistant("1") with { AuthorName = "Vera" });
            return Task.CompletedTask;
        }, Cancellation);

        (await AuthorsAsync(result)).Should().Equal("Zoë 🦊", "Vera");
    }

    [Fact]
    public async Task Session_of_a_guest_is_in_no_name()
    {
        var result = await Manager.ForIdentity(ConversationIdentity.FromFields([new("session_id", "s3cr3t-cookie")])).RunTurnAsync(Team, "hello", Say("hi"), Cancellation);

        var messages = await Bob.GetMessagesAsync(result.ConversationId!, cancellationToken: Cancellation).ToListAsync(Cancellation);
        messages[0].AuthorName.Should().MatchRegex("^guest [0-9a-f]{4}$");
    }

    [Fact]
    public async Task Author_that_is_blank_is_none()
    {
        var result = await Alice.RunTurnAsync(new TurnRequest(Team, ConversationMessage.User("one") with { AuthorName = " \n" }), Say("1"), Cancellation);

        (await AuthorsAsync(result)).Should().Equal("alice", null);
    }

    [Fact]
    public async Task Names_are_counted_by_name_and_by_id_alike()
    {
        var request = new TurnRequest(Team, "Is it repaired?");
        var first = await Alice.RunTurnAsync(request, Say("No."), Cancellation);
        var byId = new TurnRequest(Team, "Is it repaired?") { ConversationId = first.ConversationId };

        var explained = await Alice.ExplainAsync(byId, Cancellation);
        var explainedByScope = await Alice.ExplainAsync(request, Cancellation);
        await using var turn = await Alice.BeginTurnAsync(byId, Cancellation);

        var expected = 4 + TokenCounter.Estimate.Count("Is it repaired?") + 3 + (2 * TokenCounter.Estimate.Count("alice"));
        (await MessagesAsync(first)).Where(message => message.Role == MessageRole.User).Select(message => message.Tokens!.Value.Count).Should().Equal(expected, expected);
        turn.Window.Tokens.Count.Should().Be(3 + (2 * expected) + 4 + TokenCounter.Estimate.Count("No."));
        explained.Window!.Tokens.Should().Be(turn.Window.Tokens);
        explainedByScope.Window!.Tokens.Should().Be(turn.Window.Tokens);
    }

    [Fact]
    public async Task Lines_behind_a_name_are_counted_because_they_are_indented()
    {
        var request = new TurnRequest(Team, "one\ntwo\n\nfour");
        var named = await Alice.RunTurnAsync(request, Say("1"), Cancellation);
        await Manager.RunTurnAsync(request, Say("1"), Cancellation);
        var imported = await Manager.ImportAsync(new ConversationImport(Team, [ConversationMessage.User("one\ntwo\n\nfour") with { AuthorName = "alice" }]), Cancellation);

        var counts = (await MessagesAsync(named)).Where(message => message.Role == MessageRole.User).Select(message => message.Tokens!.Value.Count).ToList();
        counts[0].Should().Be(counts[1] + 3 + 3 + (2 * TokenCounter.Estimate.Count("alice")));
        (await Manager.GetMessagesAsync(imported.Id, cancellationToken: Cancellation).FirstAsync(Cancellation)).Tokens!.Value.Count.Should().Be(counts[0]);
    }

    [Fact]
    public async Task Input_that_fits_only_without_its_name_is_refused_before_anything_is_written()
    {
        var tokens = 3 + 4 + TokenCounter.Estimate.Count("hello");

        var ask = () => Alice.RunTurnAsync(new TurnRequest(Team, "hello") { TokenLimit = tokens }, Say("hi"), Cancellation);

        await ask.Should().ThrowAsync<PromptTooLargeException>();
        (await Manager.ListAsync(cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().BeEmpty();
    }

    [Fact]
    public async Task Request_with_a_key_that_names_another_author_is_the_same_request()
    {
        var failing = () => Alice.RunTurnAsync(Named("Ada"), (_, _) => throw new InvalidOperationException("down"), Cancellation);
        await failing.Should().ThrowAsync<InvalidOperationException>();
        ConversationTurn? open = null;

        var retried = await Alice.RunTurnAsync(Named("Ada Lovelace"), (turn, token) => Say("1")(open = turn, token), Cancellation);
        var replayed = await Alice.RunTurnAsync(Named(null), Say("2"), Cancellation);

        open!.Input.Should().ContainSingle().Which.AuthorName.Should().Be("Ada");
        replayed.Should().BeEquivalentTo(new { IsReplay = true, retried.RunId });
        (await AuthorsAsync(retried)).Should().Equal("Ada", null);

        static TurnRequest Named(string? author) => new(Team, ConversationMessage.User("one") with { AuthorName = author }) { IdempotencyKey = "event-1" };
    }

    [Fact]
    public async Task Request_of_another_speaker_with_the_same_key_is_another_request()
    {
        var request = new TurnRequest(Team, "yes") { IdempotencyKey = "yes" };
        await Alice.RunTurnAsync(request, Say("1"), Cancellation);

        var result = await Bob.RunTurnAsync(request, Say("2"), Cancellation);

        (await AuthorsAsync(result)).Should().Equal("alice", null, "bob", null);
    }

    [Fact]
    public async Task Second_answers_and_edits_leave_each_message_its_speaker()
    {
        var asked = await Alice.RunTurnAsync(Team, "one", Say("1"), Cancellation);
        ConversationTurn? open = null;
        await Bob.RegenerateAsync(asked.InputMessageId!, (turn, token) => Say("1, rather")(open = turn, token), Cancellation);
        await Bob.RunTurnAsync(new TurnRequest(Team, "uno") { ReplaceMessageId = asked.InputMessageId }, Say("1!"), Cancellation);
        var fork = await Manager.ForkAsync((await MessagesAsync(asked))[3].Id, cancellationToken: Cancellation);

        open!.Input.Should().ContainSingle().Which.AuthorName.Should().Be("alice");
        (await AuthorsAsync(asked)).Should().Equal("alice", null, null, "bob", null);
        (await Manager.GetMessagesAsync(fork.Id, cancellationToken: Cancellation).ToListAsync(Cancellation)).Should().ContainSingle().Which.AuthorName.Should().Be("bob");
    }

    [Fact]
    public async Task Import_keeps_the_authors_that_the_host_names_and_adds_none()
    {
        var imported = await Manager.ImportAsync(
            new ConversationImport(Team, [ConversationMessage.User("one") with { AuthorName = "Ada" }, ConversationMessage.User("two"), ConversationMessage.Assistant("3") with { AuthorName = "Vera" }]), Cancellation);

        (await Manager.GetMessagesAsync(imported.Id, cancellationToken: Cancellation).Select(message => message.AuthorName).ToListAsync(Cancellation)).Should().Equal("Ada", null, "Vera");
    }

    [Fact]
    public async Task Streamed_message_keeps_its_author()
    {
        var result = await Alice.RunTurnAsync(Bot, "hello", async (turn, token) =>
        {
            ConversationMessage[] pieces = [ConversationMessage.Assistant("h") with { AuthorName = "Vera" }, ConversationMessage.Assistant("i")];
            await foreach (var _ in turn.StreamAsync(pieces.ToAsyncEnumerable(), piece => piece, cancellationToken: token))
            {
            }
        }, Cancellation);

        result.Messages.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Text = "hi", AuthorName = "Vera" });
        (await AuthorsAsync(result)).Should().Equal(null, "Vera");
    }

    [Fact]
    public async Task Author_counts_against_the_size_of_a_message()
    {
        var options = Options();
        options.Limits.MaxMessageBytes = 1024;
        await using var manager = new ConversationManager(Store, options, Time, Log);
        var request = new TurnRequest(Team, ConversationMessage.User("one") with { AuthorName = new string('a', 1022) });

        var ask = () => manager.RunTurnAsync(request, Say("1"), Cancellation);

        (await ask.Should().ThrowAsync<MessageTooLargeException>()).Which.Message.Should().NotContain("aaa");
    }

    [Fact]
    public async Task Names_are_in_no_log_and_no_text_of_a_message_or_request()
    {
        const string Name = "canary.smith@example.com";
        var request = new TurnRequest(Team, ConversationMessage.User("one") with { AuthorName = Name });

        var result = await Manager.ForIdentity(ConversationIdentity.ForUser(Name)).RunTurnAsync(request, (turn, token) => Say("1")(turn, token), Cancellation);

        var stored = (await MessagesAsync(result))[0];
        stored.AuthorName.Should().Be(Name);
        string[] texts = [request.ToString(), stored.ToString(), result.ToString(), .. Log.Entries.Select(entry => entry.Text)];
        texts.Should().HaveCountGreaterThan(3).And.AllSatisfy(text => text.Should().NotContain("canary"));
    }

    private async Task<List<StoredMessage>> MessagesAsync(TurnResult result) =>
        await Manager.GetMessagesAsync(result.ConversationId!, new MessageQuery { IncludeSuperseded = true }, Cancellation).ToListAsync(Cancellation);

    private async Task<IEnumerable<string?>> AuthorsAsync(TurnResult result) => (await MessagesAsync(result)).Select(message => message.AuthorName);
}
