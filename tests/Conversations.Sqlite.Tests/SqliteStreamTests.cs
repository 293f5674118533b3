using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>What becomes of the rows of segments, which the contract does not show.</summary>
public sealed class SqliteStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Append_sweeps_expired_streams_a_few_at_a_time()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), _time);
        for (var user = 1; user <= 40; user++)
            await CloseAsync(store, await StreamAsync(store, user));
        _time.Advance(TimeSpan.FromMinutes(1));

        var left = new List<string>();
        for (var user = 41; user <= 44; user++)
        {
            await StreamAsync(store, user);
            left.Add(Rows());
        }

        left.Should().Equal(["33", "18", "3", "4"], "each continues where the one before it stopped, which was eight before the end, and takes sixteen at most");
    }

    [Fact]
    public async Task Append_leaves_segments_that_have_not_expired_and_those_of_open_runs()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), _time);
        await CloseAsync(store, await StreamAsync(store, 1));
        await StreamAsync(store, 2);
        _time.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));

        await StreamAsync(store, 3);
        var before = Rows();
        _time.Advance(TimeSpan.FromTicks(1));
        await StreamAsync(store, 4);

        (before, Rows()).Should().Be(("3", "3"));
    }

    [Fact]
    public async Task Delete_of_a_conversation_leaves_no_row_of_its_streams()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), _time);
        await StreamAsync(store, 1);
        var gone = await StreamAsync(store, 2);

        await store.DeleteConversationAsync(gone.Conversation.Id, Commands.Host, TestContext.Current.CancellationToken);

        Rows().Should().Be("1");
    }

    private static async Task<StoredConversation> StreamAsync(SqliteConversationStore store, int user)
    {
        var begun = await store.BeginAsync(Commands.Scope($"user_{user}"));
        var batch = new SegmentBatch { ConversationId = begun.Conversation.Id, Access = Commands.Host, RunNumber = 1, Token = begun.OpenRun!.Token, Segments = [new StreamSegment(1, 0, "a")] };
        (await store.AppendSegmentsAsync(batch)).Should().BeTrue();
        return begun with { Version = begun.Version + 1 };
    }

    /// <summary>Commits a turn whose segments expire in a minute.</summary>
    private async Task CloseAsync(SqliteConversationStore store, StoredConversation begun)
    {
        var commit = Commands.Commit(begun, "a");
        var write = commit.Conversations[0];
        var run = write.Runs[0] with { SegmentsExpireAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1) };
        (await store.TryWriteAsync(commit with { Conversations = [write with { Runs = [run] }] }, TestContext.Current.CancellationToken)).Should().BeTrue();
    }

    private string Rows()
    {
        using var inspector = new Inspector(_folder);
        return inspector.Strings("SELECT COUNT(*) || '' FROM segments").Single();
    }
}
