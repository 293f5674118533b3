using System.Globalization;

namespace Conversations.Sqlite.Tests;

/// <summary>Pages of the file that something has written over, one at a time: nothing is read as if it were whole.</summary>
public sealed class OverwrittenPageTests : IDisposable
{
    private const int PageSize = 4096;

    // What SQLite itself reads of an overflow page: where the text goes on.
    private const int Link = 4;

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private static readonly ConversationOptions Options = new ConversationOptions().AddAgent("bot");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("letters")]
    [InlineData("zeros")]
    [InlineData("another page")]
    public async Task No_message_reads_as_if_it_were_whole_and_the_check_tells_which_are_damaged(string with)
    {
        var expected = await WriteAsync();
        var whole = await File.ReadAllBytesAsync(_folder.File(), Token);
        var damagedMessages = 0;

        for (var page = 1; page < whole.Length / PageSize; page++)
        {
            var bytes = (byte[])whole.Clone();
            Overwrite(bytes, page, with);
            await File.WriteAllBytesAsync(_folder.File("damaged.db"), bytes, Token);
            await using var store = new SqliteConversationStore(_folder.ConnectionString("damaged.db"));

            var (read, damaged) = await ReadAsync(store, expected);
            var found = await FindAsync(store);

            read.Should().BeTrue($"page {page} shows nothing that was not written");
            if (found is not null)
                damaged.Should().BeSubsetOf(found);
            damagedMessages += damaged.Count(place => place.Position is not null);
        }

        damagedMessages.Should().BeGreaterThan(20, "long texts fill pages of their own");
    }

    [Fact]
    public async Task Check_of_what_is_whole_finds_nothing()
    {
        await WriteAsync();
        await using var store = new SqliteConversationStore(_folder.ConnectionString());

        (await FindAsync(store)).Should().BeEmpty();
    }

    private static void Overwrite(byte[] bytes, int page, string with)
    {
        var rest = bytes.AsSpan((page * PageSize) + Link, PageSize - Link);
        if (with == "another page")
            bytes.AsSpan((((page + 7) % (bytes.Length / PageSize)) * PageSize) + Link, PageSize - Link).CopyTo(rest);
        else
            rest.Fill((byte)(with == "letters" ? 'x' : 0));
    }

    /// <summary>Writes conversations of short and long messages, each of another length.</summary>
    private async Task<Dictionary<string, List<StoredMessage>>> WriteAsync()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        var manager = new ConversationManager(store, Options);
        var expected = new Dictionary<string, List<StoredMessage>>(StringComparer.Ordinal);
        for (var user = 1; user <= 6; user++)
        {
            var mine = manager.ForIdentity(ConversationIdentity.ForUser($"user_{user}"));
            var result = await mine.RunTurnAsync("bot", Text(user, 3_000 * user), Add(user), Token);
            expected[result.ConversationId!] = await mine.GetMessagesAsync(result.ConversationId!, cancellationToken: Token).ToListAsync(Token);
        }

        return expected;
    }

    private static Func<ConversationTurn, CancellationToken, Task> Add(int user) => (turn, _) =>
    {
        turn.Add(ConversationMessage.ToolCall("1", "look", $$"""{"for":"{{Text(user, 5_000)}}"}"""));
        turn.Add(ConversationMessage.ToolResult("1", Text(user, 20_000)));
        turn.Add(ConversationMessage.Assistant(Text(user, 9_000 * user)) with { Metadata = $$"""{"source":"{{Text(user, 6_000)}}"}""" });
        return Task.CompletedTask;
    };

    private static string Text(int seed, int length) =>
        string.Concat(Enumerable.Range(0, length / 8).Select(number => string.Create(CultureInfo.InvariantCulture, $"{(number * 7919) + seed:D7} ")));

    /// <summary>Reads everything.</summary>
    /// <returns>Whether every text that was read had been written, and the messages that were reported as damaged.</returns>
    private static async Task<(bool Read, List<DamagedData> Damaged)> ReadAsync(SqliteConversationStore store, Dictionary<string, List<StoredMessage>> expected)
    {
        var damaged = new List<DamagedData>();
        var manager = new ConversationManager(store, Options);
        foreach (var (id, written) in expected)
        {
            try
            {
                await foreach (var message in manager.GetMessagesAsync(id, cancellationToken: Token))
                {
                    if (message.Parts is [ErrorPart { Code: ConversationErrorCodes.StoreCorrupt }])
                        damaged.Add(new DamagedData(id, message.Position));
                    else if (message.Text != written[(int)message.Position - 1].Text || !message.Parts.SequenceEqual(written[(int)message.Position - 1].Parts) || message.Metadata != written[(int)message.Position - 1].Metadata)
                        return (false, damaged);
                }
            }
            catch (ConversationException exception) when (exception.Code is ConversationErrorCodes.StoreCorrupt or ConversationErrorCodes.ConversationNotFound)
            {
                // SQLite has noticed it, or the conversation cannot be found.
            }
        }

        return (true, damaged);
    }

    private static async Task<List<DamagedData>?> FindAsync(SqliteConversationStore store)
    {
        try
        {
            return await new ConversationMaintenance(store, Options).FindDamageAsync(Token).ToListAsync(Token);
        }
        catch (ConversationStoreException exception) when (exception.Code == ConversationErrorCodes.StoreCorrupt)
        {
            return null;
        }
    }
}
