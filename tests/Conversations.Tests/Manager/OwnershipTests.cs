using System.Reflection;
using Conversations.Storage;

namespace Conversations.Tests.Manager;

public sealed class OwnershipTestsInMemory : OwnershipTests<InMemory>;

public sealed class OwnershipTestsOnSqlite : OwnershipTests<Sqlite>;

/// <summary>Every member of <see cref="ScopedConversations"/> against every kind of stranger: nothing is reached, for reading or for writing, and the error is that for a conversation that does not exist.</summary>
public abstract class OwnershipTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private const string NoId = "conv_00000000000000000000000000000000";

    private static readonly ConversationIdentity Owner = ConversationIdentity.ForUser("ann", "acme");

    private static readonly ConversationIdentity Colleague = ConversationIdentity.ForUser("ben", "acme");

    // Kept beside the message of the answer.
    private static readonly DataPart Picture = new("image/png", new byte[100_000]);

    private static readonly ConversationGrants Granted = new() { Threads = ["order-7"], DeleteShared = true };

    // These name no id: they reach the caller's own conversations, or those that the caller names.
    private static readonly string[] WithoutIds =
        ["RunTurnAsync(String)", "RunTurnAsync(String), text", "BeginTurnAsync(String)", "GetCurrentAsync(String)", "ListPageAsync(ConversationQuery)", "CreateAsync(String)", "ResetAsync(String)", "EndCurrentAsync(String)", "DeleteAllAsync(String)"];

    /// <summary>The result of each member for the ids of a conversation, as text.</summary>
    private static readonly Dictionary<string, Func<ScopedConversations, Ids, Task<string>>> Members = new(StringComparer.Ordinal)
    {
        ["RunTurnAsync(TurnRequest)"] = (view, ids) => WordsAsync(() => view.RunTurnAsync(ById(ids), Say("forged"), Cancellation)),
        ["RunTurnAsync(String)"] = async (view, ids) => (await view.RunTurnAsync(ids.Agent, "hello", Say("hi"), Cancellation)).ConversationId == ids.Conversation ? "reached" : "kept off",
        ["RunTurnAsync(TurnRequest), text"] = (view, ids) => WordsAsync(() => view.RunTurnAsync(ById(ids), (_, _) => Task.FromResult("forged"), Cancellation)),
        ["RunTurnAsync(String), text"] = async (view, ids) =>
            (await view.RunTurnAsync(ids.Agent, "hello", (_, _) => Task.FromResult("hi"), Cancellation)).ConversationId == ids.Conversation ? "reached" : "kept off",
        ["BeginTurnAsync(String)"] = async (view, ids) =>
        {
            await using var turn = await view.BeginTurnAsync(ids.Agent, "hello", Cancellation);
            return turn.ConversationId == ids.Conversation ? "reached" : "kept off";
        },
        ["BeginTurnAsync(TurnRequest)"] = (view, ids) => WordsAsync(() => view.BeginTurnAsync(ById(ids), Cancellation)),
        ["RegenerateAsync(RegenerateRequest)"] = (view, ids) => WordsAsync(() => view.RegenerateAsync(new RegenerateRequest(ids.Message), Say("forged"), Cancellation)),
        ["BeginRegenerateAsync(RegenerateRequest)"] = (view, ids) => WordsAsync(() => view.BeginRegenerateAsync(new RegenerateRequest(ids.Message), Cancellation)),
        ["RegenerateAsync(String)"] = (view, ids) => WordsAsync(() => view.RegenerateAsync(ids.Message, Say("forged"), Cancellation)),
        ["RegenerateAsync(RegenerateRequest), text"] = (view, ids) => WordsAsync(() => view.RegenerateAsync(new RegenerateRequest(ids.Message), (_, _) => Task.FromResult("forged"), Cancellation)),
        ["RegenerateAsync(String), text"] = (view, ids) => WordsAsync(() => view.RegenerateAsync(ids.Message, (_, _) => Task.FromResult("forged"), Cancellation)),
        ["RestoreAsync(String)"] = (view, ids) => WordsAsync(() => view.RestoreAsync(ids.Message, cancellationToken: Cancellation)),
        ["SupersedeMessageAsync(String)"] = (view, ids) => WordsAsync(() => view.SupersedeMessageAsync(ids.Message, cancellationToken: Cancellation)),
        ["ForkAsync(String)"] = (view, ids) => WordsAsync(() => view.ForkAsync(ids.Message, cancellationToken: Cancellation)),
        ["ExplainAsync(TurnRequest)"] = (view, ids) => WordsAsync(() => view.ExplainAsync(ById(ids), Cancellation)),
        ["GetAsync(String)"] = (view, ids) => WordsAsync(() => view.GetAsync(ids.Conversation, Cancellation)),
        ["GetCurrentAsync(String)"] = async (view, ids) => (await view.GetCurrentAsync(ids.Agent, cancellationToken: Cancellation))?.Id == ids.Conversation ? "reached" : "kept off",
        ["ListAsync(ConversationQuery)"] = async (view, ids) =>
            await view.ListAsync(cancellationToken: Cancellation).AnyAsync(conversation => conversation.Id == ids.Conversation, Cancellation) ? "reached" : "kept off",
        ["ListPageAsync(ConversationQuery)"] = async (view, ids) =>
            (await view.ListPageAsync(new ConversationQuery { Agent = ids.Agent, UserId = "ann" }, cancellationToken: Cancellation)).Items.Any(conversation => conversation.Id == ids.Conversation) ? "reached" : "kept off",
        ["GetMessagesAsync(String)"] = (view, ids) => WordsAsync(async () => await view.GetMessagesAsync(ids.Conversation, cancellationToken: Cancellation).ToListAsync(Cancellation)),
        ["GetMessagePageAsync(String)"] = (view, ids) => WordsAsync(() => view.GetMessagePageAsync(ids.Conversation, cancellationToken: Cancellation)),
        ["GetDataAsync(String)"] = (view, ids) => WordsAsync(() => view.GetDataAsync(ids.Message, Picture.Hash, Cancellation)),
        ["LoadDataAsync(StoredMessage)"] = (view, ids) => WordsAsync(() => view.LoadDataAsync(
            new StoredMessage(MessageRole.Assistant, Picture.WithoutData()) { ConversationId = ids.Conversation, Position = 2 }, Cancellation)),
        ["GiveFeedbackAsync(String)"] = (view, ids) => WordsAsync(() => view.GiveFeedbackAsync(ids.Message, 1, "forged", Cancellation)),
        ["RemoveFeedbackAsync(String)"] = (view, ids) => WordsAsync(() => view.RemoveFeedbackAsync(ids.Message, Cancellation)),
        ["GetFeedbackAsync(String)"] = (view, ids) => WordsAsync(async () => await view.GetFeedbackAsync(ids.Conversation, Cancellation).ToListAsync(Cancellation)),
        ["GetMessageFeedbackAsync(String)"] = (view, ids) => WordsAsync(async () => await view.GetMessageFeedbackAsync(ids.Message, Cancellation).ToListAsync(Cancellation)),
        ["GetRunAsync(String)"] = (view, ids) => WordsAsync(() => view.GetRunAsync(ids.Run, Cancellation)),
        ["GetRunsAsync(String)"] = (view, ids) => WordsAsync(async () => await view.GetRunsAsync(ids.Conversation, Cancellation).ToListAsync(Cancellation)),
        ["GetRunPageAsync(String)"] = (view, ids) => WordsAsync(() => view.GetRunPageAsync(ids.Conversation, cancellationToken: Cancellation)),
        ["GetSummaryAsync(String)"] = (view, ids) => WordsAsync(() => view.GetSummaryAsync(ids.Conversation, Cancellation)),
        ["FollowAsync(String)"] = (view, ids) => WordsAsync(async () => await view.FollowAsync(ids.Run, cancellationToken: Cancellation).ToListAsync(Cancellation)),
        ["StopAsync(String)"] = (view, ids) => WordsAsync(() => view.StopAsync(ids.Run, Cancellation)),
        ["CreateAsync(String)"] = async (view, ids) => (await view.CreateAsync(ids.Agent, cancellationToken: Cancellation)).Id == ids.Conversation ? "reached" : "kept off",
        ["ResetAsync(String)"] = async (view, ids) => (await view.ResetAsync(ids.Agent, cancellationToken: Cancellation)).Id == ids.Conversation ? "reached" : "kept off",
        ["RenameAsync(String)"] = (view, ids) => WordsAsync(() => view.RenameAsync(ids.Conversation, "forged", Cancellation)),
        ["SetMetadataAsync(String)"] = (view, ids) => WordsAsync(() => view.SetMetadataAsync(ids.Conversation, """{"forged":true}""", Cancellation)),
        ["EndAsync(String)"] = (view, ids) => WordsAsync(() => view.EndAsync(ids.Conversation, Cancellation)),
        ["EndCurrentAsync(String)"] = async (view, ids) => (await view.EndCurrentAsync(ids.Agent, cancellationToken: Cancellation))?.Id == ids.Conversation ? "reached" : "kept off",
        ["ReopenAsync(String)"] = (view, ids) => WordsAsync(() => view.ReopenAsync(ids.Conversation, Cancellation)),
        ["DeleteAsync(String)"] = (view, ids) => WordsAsync(() => view.DeleteAsync(ids.Conversation, Cancellation)),
        ["DeleteAsync(IEnumerable`1)"] = (view, ids) => WordsAsync(() => view.DeleteAsync([ids.Conversation], Cancellation)),
        ["DeleteMessageAsync(String)"] = (view, ids) => WordsAsync(() => view.DeleteMessageAsync(ids.Message, Cancellation)),
        ["ForThread(String)"] = (view, ids) => WordsAsync(() => view.ForThread("another").GetAsync(ids.Conversation, Cancellation)),
        ["DeleteAllAsync(String)"] = async (view, ids) =>
        {
            await view.DeleteAllAsync(ids.Agent, Cancellation);
            return "kept off";
        },
    };

    public static TheoryData<string, string, string> Matrix()
    {
        var matrix = new TheoryData<string, string, string>();
        foreach (var member in Members.Keys)
        {
            foreach (var target in new[] { "own", "shared", "thread" })
            {
                matrix.Add(member, "another tenant", target);
                matrix.Add(member, "another project", target);
                matrix.Add(member, "no tenant", target);
                matrix.Add(member, "another tenant, granted", target);
                matrix.Add(member, "no tenant, granted", target);
            }

            // Neither a colleague nor the user that began the thread reaches it by its ids.
            matrix.Add(member, "another user", "thread");
            matrix.Add(member, "no grant", "thread");

            matrix.Add(member, "another user", "own");
            matrix.Add(member, "one more field", "own");
        }

        return matrix;
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Member_called_by_a_stranger_reaches_nothing(string member, string stranger, string target)
    {
        var ids = await ConversationOfAnnAsync(target);
        var before = await SnapshotAsync(ids.Conversation);
        var view = StrangerView(stranger);

        var words = await Members[member](view, ids);

        words.Should().Be(await Members[member](view, ids.OfNothing()), "it is the text for a conversation that does not exist");
        words.Should().NotBe("reached");
        (await SnapshotAsync(ids.Conversation)).Should().BeEquivalentTo(before, options => options.WithStrictOrdering());
    }

    [Theory]
    [InlineData("own")]
    [InlineData("shared")]
    [InlineData("thread")]
    public async Task Member_called_by_the_owner_reaches_the_conversation(string target)
    {
        // Without this the matrix could pass because the ids were wrong.
        var ids = await ConversationOfAnnAsync(target);
        var owner = Manager.ForIdentity(Owner, new ConversationGrants { Threads = ["order-7"] });

        var words = await Members["GetRunAsync(String)"](owner, ids) + await Members["GetMessagesAsync(String)"](owner, ids) + await Members["GetRunsAsync(String)"](owner, ids)
            + await Members["GetDataAsync(String)"](owner, ids) + await Members["LoadDataAsync(StoredMessage)"](owner, ids)
            + await Members["RenameAsync(String)"](owner, ids) + await Members["DeleteMessageAsync(String)"](owner, ids);

        words.Should().NotContain("(nothing)").And.NotContain("CONVERSATION_NOT_FOUND").And.NotContain("False");
    }

    [Fact]
    public void Matrix_has_every_member()
    {
        var members = typeof(ScopedConversations).GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(method => method.DeclaringType != typeof(object) && !method.IsSpecialName)
            .Select(method => $"{method.Name}({method.GetParameters()[0].ParameterType.Name}){(ReturnsText(method) ? ", text" : "")}");

        members.Should().BeEquivalentTo(Members.Keys);
    }

    public static TheoryData<string, string> Granting()
    {
        var matrix = new TheoryData<string, string>();
        // There is no summary, no run is open, and a colleague has given no feedback.
        foreach (var member in Members.Keys.Except([.. WithoutIds, "GetSummaryAsync(String)", "StopAsync(String)", "RemoveFeedbackAsync(String)"], StringComparer.Ordinal))
        {
            matrix.Add(member, "shared");
            matrix.Add(member, "thread");
        }

        return matrix;
    }

    [Theory]
    [MemberData(nameof(Granting))]
    public async Task Member_called_by_a_colleague_with_a_grant_reaches_shared_conversations(string member, string target)
    {
        var ids = await ConversationOfAnnAsync(target);
        var colleague = Manager.ForIdentity(Colleague, Granted);

        var words = await Members[member](colleague, ids);

        words.Should().NotBe(await Members[member](colleague, ids.OfNothing()));
    }

    [Theory]
    [InlineData("shared", "DeleteAsync(String)")]
    [InlineData("shared", "DeleteAsync(IEnumerable`1)")]
    [InlineData("shared", "DeleteMessageAsync(String)")]
    [InlineData("thread", "DeleteAsync(String)")]
    [InlineData("thread", "DeleteAsync(IEnumerable`1)")]
    [InlineData("thread", "DeleteMessageAsync(String)")]
    public async Task Deletion_of_a_shared_conversation_is_forbidden_without_a_grant(string target, string member)
    {
        var ids = await ConversationOfAnnAsync(target);
        var before = await SnapshotAsync(ids.Conversation);
        var colleague = Manager.ForIdentity(Colleague, Granted with { DeleteShared = false });

        var words = await Members[member](colleague, ids);

        words.Should().StartWith("DELETION_FORBIDDEN");
        (await SnapshotAsync(ids.Conversation)).Should().BeEquivalentTo(before, options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task Deletion_of_several_conversations_deletes_none_when_one_is_shared()
    {
        var shared = await ConversationOfAnnAsync("shared");
        var own = await ConversationOfAnnAsync("own");
        var owner = Manager.ForIdentity(Owner);

        var delete = () => owner.DeleteAsync([own.Conversation, shared.Conversation], Cancellation);

        await delete.Should().ThrowAsync<DeletionForbiddenException>();
        (await owner.GetAsync(own.Conversation, Cancellation)).Should().NotBeNull();
    }

    [Fact]
    public async Task Message_that_is_added_after_the_check_is_not_deleted()
    {
        var ids = await ConversationOfAnnAsync("shared");
        await using var store = new LateStore(Store, () => Manager.ForIdentity(Owner).RunTurnAsync("team-bot", "late", Say("late, too"), Cancellation));
        var colleague = new ConversationManager(store, Options(), Time).ForIdentity(Colleague);

        var isDeleted = await colleague.DeleteMessageAsync(ConversationIds.Message(ids.Conversation, 3), Cancellation);

        isDeleted.Should().BeFalse();
        (await TextsAsync(ids.Conversation)).Should().Equal("secret", "secret, too", "late", "late, too");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Messages_of_own_runs_in_a_shared_conversation_are_deleted_without_a_grant(int position)
    {
        var ids = await ConversationOfAnnAsync("shared");

        var isDeleted = await Manager.ForIdentity(Owner).DeleteMessageAsync(ConversationIds.Message(ids.Conversation, position), Cancellation);

        isDeleted.Should().BeTrue();
    }

    [Fact]
    public async Task Imported_messages_in_a_shared_conversation_are_not_deleted_without_a_grant()
    {
        var imported = await Manager.ImportAsync(new ConversationImport("team-bot", [ConversationMessage.User("hello")]) { Identity = Owner }, Cancellation);

        var delete = () => Manager.ForIdentity(Owner).DeleteMessageAsync(ConversationIds.Message(imported.Id, 1), Cancellation);

        await delete.Should().ThrowAsync<DeletionForbiddenException>();
        (await Manager.DeleteMessageAsync(ConversationIds.Message(imported.Id, 1), Cancellation)).Should().BeTrue();
    }

    private static Task SayAndShow(ConversationTurn turn, CancellationToken cancellationToken)
    {
        turn.Add(new ConversationMessage(MessageRole.Assistant, new TextPart("secret, too"), Picture));
        return Task.CompletedTask;
    }

    private static bool ReturnsText(MethodInfo method) =>
        method.GetParameters().Any(parameter => parameter.ParameterType == typeof(Func<ConversationTurn, CancellationToken, Task<string>>));

    private static TurnRequest ById(Ids ids) => new(ids.Agent, "forged") { ConversationId = ids.Conversation };

    private static async Task<string> WordsAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call() switch
            {
                null => "(nothing)",
                TurnExplanation explanation => explanation.ToString(),
                var result => result.ToString()!,
            };
        }
        catch (ConversationException exception)
        {
            return $"{exception.Code}: {exception.Message.Replace(NoId, "ID", StringComparison.Ordinal).Split('\'')[0]}";
        }
    }

    private ScopedConversations StrangerView(string stranger)
    {
        if (stranger == "another project")
        {
            var options = Options();
            options.Project = "another";
            return new ConversationManager(Store, options, Time).ForIdentity(Owner);
        }

        var identity = stranger.Split(',')[0] switch
        {
            "another user" => Colleague,
            "another tenant" => ConversationIdentity.ForUser("ann", "other"),
            "no tenant" => ConversationIdentity.ForUser("ann"),
            "no grant" => Owner,
            _ => Owner.With(IdentityFields.SessionId, "1"),
        };
        return Manager.ForIdentity(identity, stranger.EndsWith("granted", StringComparison.Ordinal) ? Granted : null);
    }

    private async Task<Ids> ConversationOfAnnAsync(string target)
    {
        var agent = target == "shared" ? "team-bot" : Bot;
        var request = new TurnRequest(agent, "secret") { Thread = target == "thread" ? "order-7" : null };
        var result = await Manager.ForIdentity(Owner).RunTurnAsync(request, SayAndShow, Cancellation);
        await Manager.GiveFeedbackAsync(result.ReplyMessageId!, 1, "secret", Cancellation);
        await Manager.ForIdentity(Owner, new ConversationGrants { Threads = ["order-7"] }).GiveFeedbackAsync(result.ReplyMessageId!, 1, "secret", Cancellation);
        return new Ids(agent, result.ConversationId!, result.ReplyMessageId!, result.RunId!);
    }

    private async Task<(Conversation? Conversation, List<StoredMessage> Messages, List<MessageFeedback> Feedback)> SnapshotAsync(string conversationId)
    {
        var access = new ConversationAccess(ConversationScope.DefaultProject, null);
        var messages = await Manager.GetMessagesAsync(conversationId, cancellationToken: Cancellation).ToListAsync(Cancellation);
        var feedback = await Manager.GetFeedbackAsync(conversationId, Cancellation).ToListAsync(Cancellation);
        return ((await Store.FindAsync(conversationId, access, Cancellation))?.Conversation, messages, feedback);
    }

    private sealed record Ids(string Agent, string Conversation, string Message, string Run)
    {
        public Ids OfNothing() => new(Agent, NoId, ConversationIds.Message(NoId, 2), ConversationIds.Run(NoId, 1));
    }

    /// <summary>Another caller writes after the first read of messages.</summary>
    private sealed class LateStore(IConversationStore inner, Func<Task> writeAsync) : DelegatingConversationStore(inner)
    {
        private bool _hasWritten;

        public override async ValueTask<IReadOnlyList<StoredMessage>> ReadMessagesAsync(MessageRange range, CancellationToken cancellationToken = default)
        {
            var messages = await base.ReadMessagesAsync(range, cancellationToken);
            if (!_hasWritten)
            {
                _hasWritten = true;
                await writeAsync();
            }

            return messages;
        }
    }
}
