using System.Text;
using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Long conversations are deleted in parts, so that no other write waits long.</summary>
public sealed class SqliteRemovalTests : LongConversationTest
{
    [Fact]
    public async Task Delete_removes_some_rows_at_once_and_the_others_later()
    {
        await Store.TryWriteAsync(Create("conv_long", Messages), Token);
        await WriteRunsAsync("conv_long", 700);
        await Store.DisposeAsync();
        using var session = SqliteSession.Open($"{Folder.ConnectionString()};Pooling=False");

        new DeleteConversationWrite("conv_long", Commands.Host).Run(session, 1).Answer.Should().BeTrue();
        var left = new List<string> { Left(session) };
        while (new RemoveWrite([]).Run(session, 1).Answer)
            left.Add(Left(session));

        left.Should().Equal("200 200 1200", "0 0 900", "0 0 400", "0 0 0");
        session.AskNumber("SELECT COUNT(*) FROM removals").Should().Be(0);
        session.AskNumber("SELECT COUNT(*) FROM scopes").Should().Be(0);
    }

    [Fact]
    public async Task Delete_removes_a_few_megabytes_at_once()
    {
        await Store.TryWriteAsync(Create("conv_large", [.. Enumerable.Range(0, 5).Select(_ => new string('a', 1024 * 1024))]), Token);
        await Store.DisposeAsync();
        using var session = SqliteSession.Open($"{Folder.ConnectionString()};Pooling=False");

        new DeleteConversationWrite("conv_large", Commands.Host).Run(session, 1);

        session.AskNumber("SELECT COUNT(*) FROM messages").Should().Be(3);
    }

    [Fact]
    public async Task Delete_is_finished_soon()
    {
        await Store.TryWriteAsync(Create("conv_long", 5_000), Token);
        await WriteRunsAsync("conv_long", 700);

        (await Store.DeleteConversationAsync("conv_long", Commands.Host, Token)).Should().BeTrue();
        await WhenRemovedAsync();

        Left().Should().Be("0 0 0");
    }

    [Fact]
    public async Task Delete_is_finished_when_theStore_is_closed()
    {
        await Store.TryWriteAsync(Create("conv_long", 5_000), Token);
        await WriteRunsAsync("conv_long", 700);
        await Store.DeleteConversationAsync("conv_long", Commands.Host, Token);

        await Store.DisposeAsync();

        Left().Should().Be("0 0 0");
        Rows("removals").Should().Be(0);
    }

    [Fact]
    public async Task Delete_of_a_process_that_died_is_finished_when_the_file_is_opened()
    {
        await Store.TurnAsync();
        LeaveBehind(due: Clock.GetUtcNow());
        await using var store = new SqliteConversationStore(Folder.ConnectionString(), Clock);

        await store.GetCurrentAsync();
        await WhenRemovedAsync();

        Rows("messages").Should().Be(2);
    }

    [Fact]
    public async Task Key_of_a_run_that_is_not_removed_yet_is_free()
    {
        await Store.TryWriteAsync(Create("conv_long", Messages), Token);
        await WriteRunsAsync("conv_long", 700);
        await Store.DeleteConversationAsync("conv_long", Commands.Host, Token);

        (await Store.TryWriteAsync(Commands.Begin(key: "key 700"), Token)).Should().BeTrue();
        await WhenRemovedAsync();

        using var inspector = new Inspector(Folder);
        inspector.Strings("SELECT k.value || ' ' || c.id FROM idempotency_keys k JOIN conversations c ON c.key = k.run >> 32").Should().ContainSingle().Which.Should().StartWith("key 700 ");
        Rows("idempotency_keys").Should().Be(1);
    }

    [Fact]
    public async Task Delete_leaves_no_word()
    {
        await Store.TurnAsync();
        using var other = new Inspector(Folder);
        await Store.TryWriteAsync(Create("conv_long", 5_000, "kanarienvogel"), Token);
        other.Strings("SELECT id FROM conversations");

        await Store.DeleteConversationAsync("conv_long", Commands.Host, Token);
        await WhenRemovedAsync();
        await WhenErasedAsync(Store);

        Folder.FilesWith("kanarienvogel").Should().BeEmpty();
    }

    [Fact]
    public async Task Delete_leaves_no_word_when_an_erasure_is_running()
    {
        await Store.TurnAsync();
        await Store.TryWriteAsync(Create("conv_long", 5_000, "kanarienvogel"), Token);
        using var other = new Inspector(Folder);
        other.Strings("SELECT id FROM conversations");
        var deleting = new TaskCompletionSource<Task<bool>>();

        // The first write of an erasure removes what is left, the next ones give pages back.
        Clock.Next = () => Clock.Next = () => deleting.SetResult(Store.DeleteConversationAsync("conv_long", Commands.Host, Token).AsTask());
        await Store.Writer.WriteAsync(new GiveUpWrite(77), SqliteDurability.Process, Token);
        await Store.Writer.EraseAsync();
        (await await deleting.Task).Should().BeTrue();
        await Store.Writer.EraseAsync();
        await WhenRemovedAsync();
        await WhenErasedAsync(Store);

        Folder.FilesWith("kanarienvogel").Should().BeEmpty();
    }

    [Fact]
    public async Task Delete_is_finished_when_the_clock_was_set_back()
    {
        await Store.TryWriteAsync(Create("conv_long", 5_000), Token);
        Clock.Advance(TimeSpan.FromDays(3_650));
        await Store.DeleteConversationAsync("conv_long", Commands.Host, Token);
        Clock.SetBack(TimeSpan.FromDays(3_650));

        await WhenRemovedAsync();

        Rows("messages").Should().Be(0);
    }

    [Fact]
    public async Task Delete_of_a_damaged_conversation_does_not_hold_up_others()
    {
        await Store.TryWriteAsync(Create("conv_bad", Messages, "schlecht"), Token);
        await Store.TryWriteAsync(Create("conv_good", Messages, "gut"), Token);
        await Store.DisposeAsync();

        // In what is left of the first, and not beside what is removed: SQLite also reads the pages next to that.
        Damage("schlecht 850");
        await using var store = new SqliteConversationStore(Folder.ConnectionString(), Clock);

        (await store.DeleteConversationAsync("conv_bad", Commands.Host, Token)).Should().BeTrue();
        (await store.DeleteConversationAsync("conv_good", Commands.Host, Token)).Should().BeTrue();
        await store.Writer.EraseAsync();
        await WhenErasedAsync(store);
        await store.DisposeAsync();

        Rows("removals").Should().Be(1);
        Folder.FilesWith("gut 1100").Should().BeEmpty();
    }

    /// <summary>Overwrites the kind of the page on which a text is.</summary>
    private void Damage(string text)
    {
        const int pageSize = 4096;
        const byte tableLeaf = 13;
        var bytes = File.ReadAllBytes(Folder.File());
        var page = Enumerable.Range(0, bytes.Length / pageSize)
            .First(page => bytes[page * pageSize] == tableLeaf && bytes.AsSpan(page * pageSize, pageSize).IndexOf(Encoding.UTF8.GetBytes(text)) > 0);
        bytes[page * pageSize] = 0x7F;
        File.WriteAllBytes(Folder.File(), bytes);
    }
}
