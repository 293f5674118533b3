using System.Globalization;
using System.Text.Json;
using Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W6: reading a window of 20 from the store, of plain text and of messages that are stored as JSON. The bare read of JSON takes its texts out, too.</summary>
internal sealed class WindowReads : IWorkload
{
    private const int History = 1_000;
    private const int Plain = 0;
    private const int Json = 1;

    private const string Statement =
        "SELECT key, role, kind, created_at, content FROM messages WHERE key > $first AND key < $last AND kind <> 3 AND (flags & 2) = 0 ORDER BY key DESC LIMIT 20";

    public string Name => "W6";

    public string Title => "windows of 20";

    public bool WaitsForDisk => false;

    public int Measurements(Scale scale) => 1;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        var path = context.PathOf("w6");
        await using var host = Host.OnSqlite(path);
        var plain = await host.AddAsync(Plain, History);
        var json = await host.ImportAsync(Json, Enumerable.Range(1, History).Select(ToolMessage));
        using var connection = Bare.Open(path);
        using var command = Bare.Prepare(connection, Statement, "$first", "$last");

        var reads = context.Scale.Reads;
        var read = Contender.Of(reads, _ => ReadAsync(host.Store, plain));
        var readJson = Contender.Of(reads, _ => ReadAsync(host.Store, json));
        var bare = BareOf(reads, command, KeyOf(connection, plain), parses: false);
        var bareJson = BareOf(reads, command, KeyOf(connection, json), parses: true);
        await Measurement.RunAsync(context, read, bare, readJson, bareJson);
        return
        [
            Figure.Of(Name, "a window of 20, plain text", read.Samples, bare.Samples, Goal.AtMost(1.3)),
            Figure.Of(Name, "a window of 20, JSON", readJson.Samples, bareJson.Samples, Goal.AtMost(1.3)),
        ];
    }

    private static Task<IReadOnlyList<StoredMessage>> ReadAsync(IConversationStore store, Conversation conversation) => store.ReadMessagesAsync(new MessageRange
    {
        ConversationId = conversation.Id,
        Access = new ConversationAccess(conversation.Project, [ConversationScope.Parse(conversation.SessionId).Owner.Audience]),
        Before = History + 1,
        NewestFirst = true,
        CurrentOnly = true,
        SkipErrors = true,
        Limit = 20,
    }).AsTask();

    private static Contender BareOf(int reads, SqliteCommand command, long conversation, bool parses) => Contender.Of(reads, _ =>
    {
        command.Parameters[0].Value = conversation << 32;
        command.Parameters[1].Value = (conversation << 32) + History + 1;
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            Bare.Read(rows, "nnnn");
            var content = rows.GetString(4);
            if (parses)
                TakeTextsOut(content);
        }
    });

    private static void TakeTextsOut(string content)
    {
        using var json = JsonDocument.Parse(content);
        foreach (var part in json.RootElement.EnumerateArray())
        {
            foreach (var property in part.EnumerateObject())
                _ = property.Value.GetString();
        }
    }

    private static long KeyOf(SqliteConnection connection, Conversation conversation)
    {
        using var find = Bare.Prepare(connection, "SELECT key FROM conversations WHERE id = $id", "$id");
        find.Parameters[0].Value = conversation.Id;
        return Convert.ToInt64(find.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>Calls and results in turn, as long as questions and answers are.</summary>
    private static ConversationMessage ToolMessage(int position) => position % 2 == 1
        ? new ConversationMessage(MessageRole.Assistant, new TextPart("I look it up."), new ToolCallPart($"call_{position}", "find_order", $$"""{"note": "{{Texts.Question}}"}"""))
        : ConversationMessage.ToolResult($"call_{position - 1}", Texts.Answer);
}
