namespace Conversations.Tests.Manager;

public sealed class UnknownIdTestsInMemory : UnknownIdTests<InMemory>;

public sealed class UnknownIdTestsOnSqlite : UnknownIdTests<Sqlite>;

/// <summary>The one rule for ids: an id that does not exist, is out of reach, or is not written like an id of that kind is unknown.</summary>
public abstract class UnknownIdTests<TStore> : ManagerTest<TStore>
    where TStore : IStoreUnderTest, new()
{
    private static readonly string[] Kinds = ["none", "foreign", "malformed", "of a conversation", "of a message", "of a run"];

    private static readonly Dictionary<string, Func<ScopedConversations, string, Task<object?>>> Reads = new(StringComparer.Ordinal)
    {
        ["GetAsync"] = async (view, id) => await view.GetAsync(id, Cancellation),
        ["GetRunAsync"] = async (view, id) => await view.GetRunAsync(id, Cancellation),
        ["GetSummaryAsync"] = async (view, id) => await view.GetSummaryAsync(id, Cancellation),
    };

    private static readonly Dictionary<string, Func<ScopedConversations, string, Task<object?>>> Deletions = new(StringComparer.Ordinal)
    {
        ["DeleteAsync"] = async (view, id) => await view.DeleteAsync(id, Cancellation) ? 1 : 0,
        ["DeleteAsync of several"] = async (view, id) => await view.DeleteAsync([id], Cancellation),
        ["DeleteMessageAsync"] = async (view, id) => await view.DeleteMessageAsync(id, Cancellation) ? 1 : 0,
    };

    private static readonly Dictionary<string, Func<ScopedConversations, string, Task<object?>>> Others = new(StringComparer.Ordinal)
    {
        ["RunTurnAsync"] = async (view, id) => await view.RunTurnAsync(new TurnRequest(Bot, "hello") { ConversationId = id }, Say("hi"), Cancellation),
        ["BeginTurnAsync"] = async (view, id) => await view.BeginTurnAsync(new TurnRequest(Bot, "hello") { ConversationId = id }, Cancellation),
        ["RegenerateAsync"] = async (view, id) => await view.RegenerateAsync(id, Say("hi"), Cancellation),
        ["BeginRegenerateAsync"] = async (view, id) => await view.BeginRegenerateAsync(new RegenerateRequest(id), Cancellation),
        ["RestoreAsync"] = async (view, id) => await view.RestoreAsync(id, cancellationToken: Cancellation),
        ["SupersedeMessageAsync"] = async (view, id) => await view.SupersedeMessageAsync(id, cancellationToken: Cancellation),
        ["StopAsync"] = async (view, id) => await view.StopAsync(id, Cancellation),
        ["ForkAsync"] = async (view, id) => await view.ForkAsync(id, cancellationToken: Cancellation),
        ["RenameAsync"] = async (view, id) => await view.RenameAsync(id, "title", Cancellation),
        ["EndAsync"] = async (view, id) => await view.EndAsync(id, Cancellation),
        ["ReopenAsync"] = async (view, id) => await view.ReopenAsync(id, Cancellation),
        ["GetMessagesAsync"] = async (view, id) => await view.GetMessagesAsync(id, cancellationToken: Cancellation).ToListAsync(Cancellation),
        ["GetMessagePageAsync"] = async (view, id) => await view.GetMessagePageAsync(id, cancellationToken: Cancellation),
        ["GetRunsAsync"] = async (view, id) => await view.GetRunsAsync(id, Cancellation).ToListAsync(Cancellation),
        ["GetRunPageAsync"] = async (view, id) => await view.GetRunPageAsync(id, cancellationToken: Cancellation),
        ["FollowAsync"] = async (view, id) => await view.FollowAsync(id, cancellationToken: Cancellation).ToListAsync(Cancellation),
    };

    public static TheoryData<string, string> ReadsOfUnknownIds() => Matrix(Reads.Keys);

    public static TheoryData<string, string> DeletionsOfUnknownIds() => Matrix(Deletions.Keys);

    public static TheoryData<string, string> OthersOfUnknownIds() => Matrix(Others.Keys);

    public static TheoryData<string, string> AllOfIllFormedIds()
    {
        var matrix = new TheoryData<string, string>();
        foreach (var member in Reads.Keys.Concat(Deletions.Keys).Concat(Others.Keys))
        {
            foreach (var name in IllFormedIds.Names)
                matrix.Add(member, name);
        }

        return matrix;
    }

    [Theory]
    [MemberData(nameof(ReadsOfUnknownIds))]
    public async Task Read_of_an_unknown_id_returns_null(string member, string kind)
    {
        var (view, id) = await UnknownAsync(member, kind);

        (await Reads[member](view, id)).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(DeletionsOfUnknownIds))]
    public async Task Deletion_of_an_unknown_id_deletes_nothing(string member, string kind)
    {
        var (view, id) = await UnknownAsync(member, kind);

        (await Deletions[member](view, id)).Should().Be(0);
        (await Manager.ListAsync(cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(OthersOfUnknownIds))]
    public async Task Other_member_with_an_unknown_id_is_not_found(string member, string kind)
    {
        var (view, id) = await UnknownAsync(member, kind);

        var calling = () => Others[member](view, id);

        (await calling.Should().ThrowAsync<ConversationNotFoundException>()).Which.Should().BeEquivalentTo(new { Id = id, Code = "CONVERSATION_NOT_FOUND" });
    }

    [Theory]
    [MemberData(nameof(AllOfIllFormedIds))]
    public async Task Member_with_an_ill_formed_id_is_refused(string member, string name)
    {
        var call = Reads.Concat(Deletions).Concat(Others).Single(entry => entry.Key == member).Value;

        var calling = () => call(Alice, IllFormedIds.Get(name));

        (await calling.Should().ThrowAsync<ArgumentException>()).Which.ParamName.Should().NotBeNullOrEmpty();
    }

    private static TheoryData<string, string> Matrix(IEnumerable<string> members)
    {
        var matrix = new TheoryData<string, string>();
        foreach (var member in members)
        {
            foreach (var kind in Kinds.Where(kind => kind != KindOf(member)))
                matrix.Add(member, kind);
        }

        return matrix;
    }

    private static string KindOf(string member) => member switch
    {
        "RegenerateAsync" or "BeginRegenerateAsync" or "RestoreAsync" or "ForkAsync" or "SupersedeMessageAsync" or "DeleteMessageAsync" => "of a message",
        "GetRunAsync" or "FollowAsync" or "StopAsync" => "of a run",
        _ => "of a conversation",
    };

    private async Task<(ScopedConversations View, string Id)> UnknownAsync(string member, string kind)
    {
        const string None = "conv_00000000000000000000000000000000";
        var asked = await AskAsync();
        return kind switch
        {
            "none" => (Alice, KindOf(member) switch { "of a message" => ConversationIds.Message(None, 2), "of a run" => ConversationIds.Run(None, 1), _ => None }),
            "foreign" => (Bob, KindOf(member) switch { "of a message" => asked.ReplyMessageId!, "of a run" => asked.RunId!, _ => asked.ConversationId! }),
            "malformed" => (Alice, "nonsense"),
            "of a message" => (Alice, asked.ReplyMessageId!),
            "of a run" => (Alice, asked.RunId!),
            _ => (Alice, asked.ConversationId!),
        };
    }
}
