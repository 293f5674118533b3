using Conversations.Sqlite.Tests.Golden;
using Conversations.Storage;
using Conversations.StoreSpecification;

namespace Conversations.Sqlite.Tests;

/// <summary>What becomes of the rows of streams, which the contract does not show.</summary>
public sealed class SqliteStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Interrupted_run_leaves_what_can_be_read_where_a_segment_is_damaged()
    {
        GoldenDatabase.Write(_folder, "older.db", version: 4);
        var clock = new ManualTimeProvider(Version4.Second(70));
        await using var store = new SqliteConversationStore(_folder.ConnectionString("older.db"), clock);
        var host = new ConversationAccess(ConversationScope.DefaultProject, null);
        using (var inspector = new Inspector(_folder, "older.db"))
            inspector.Execute("UPDATE segments SET content = '[' WHERE run = 4 AND number = 2");

        var interrupted = await store.InterruptRunAsync("conv_stream", 4, host, TestContext.Current.CancellationToken);

        interrupted.Should().BeTrue();
        var window = await store.ReadWindowAsync(new WindowQuery { ConversationId = "conv_stream", Access = host, Before = long.MaxValue, Limit = 9 }, TestContext.Current.CancellationToken);
        window.Select(message => message.Text).Should().Equal("Tell me a story", "Once upon", "", "there were six");
    }

    [Fact]
    public async Task Append_sweeps_streams_whose_time_is_over_a_few_at_a_time()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), _time);
        for (var user = 1; user <= 40; user++)
            await store.CommitTurnAsync(new CommitTurnCommand { Lease = await StreamAsync(store, user), Status = RunStatus.Completed }, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromMinutes(1));

        var left = new List<string>();
        for (var user = 41; user <= 44; user++)
        {
            await StreamAsync(store, user);
            left.Add(Rows());
        }

        left.Should().Equal(["33 33", "18 18", "3 3", "4 4"], "each goes on where the one before it stopped, which was eight before the end, and takes sixteen at most");
    }

    [Fact]
    public async Task Delete_of_a_conversation_leaves_no_row_of_its_streams()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString(), _time);
        await StreamAsync(store, 1);
        var gone = await StreamAsync(store, 2);

        await store.DeleteConversationAsync(gone.ConversationId, new ConversationAccess(ConversationScope.DefaultProject, null), TestContext.Current.CancellationToken);

        Rows().Should().Be("1 1");
    }

    private async Task<TurnLease> StreamAsync(SqliteConversationStore store, int user)
    {
        var lease = (await store.BeginAsync(Commands.Scope($"user_{user}"))).Lease;
        var fragment = ConversationMessage.Assistant("a") with { Position = 2, CreatedAt = _time.GetUtcNow() };
        (await store.AppendSegmentsAsync(new AppendSegmentsCommand { Lease = lease, Segments = [new(1, 0, fragment)], KeepFor = TimeSpan.FromMinutes(1) })).Should().BeTrue();
        return lease;
    }

    private string Rows()
    {
        using var inspector = new Inspector(_folder);
        return inspector.Strings("SELECT (SELECT COUNT(*) FROM streams) || ' ' || (SELECT COUNT(*) FROM segments)").Single();
    }
}
