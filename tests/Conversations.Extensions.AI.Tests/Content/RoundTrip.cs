using System.Text.Json;
using Conversations.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>Stores messages and reads them again, through a file that is closed and opened again, or through memory.</summary>
internal static class RoundTrip
{
    public static async Task<IReadOnlyList<ChatMessage>> ThroughMemoryAsync(IReadOnlyList<ChatMessage> messages, JsonSerializerOptions? options = null)
    {
        var store = new InMemoryConversationStore();
        var id = await WriteAsync(store, [.. messages.Select(message => message.ToConversationMessage(options))]);

        return [.. (await ReadAsync(store, id)).Select(message => message.ToChatMessage(options))];
    }

    public static async Task<IReadOnlyList<ChatMessage>> ThroughFileAsync(IReadOnlyList<ChatMessage> messages, JsonSerializerOptions? options = null, params string[] sql) =>
        [.. (await StoredAsync([.. messages.Select(message => message.ToConversationMessage(options))], sql)).Select(message => message.ToChatMessage(options))];

    /// <summary>One message of the contents, through a file.</summary>
    public static async Task<IList<AIContent>> ThroughFileAsync(params AIContent[] contents) =>
        (await ThroughFileAsync([new ChatMessage(ChatRole.Assistant, contents)])).Single().Contents;

    /// <summary>Stores messages in a file, runs SQL against it, opens it again and reads them.</summary>
    public static async Task<IReadOnlyList<ConversationMessage>> StoredAsync(IReadOnlyList<ConversationMessage> messages, params string[] sql)
    {
        using var folder = new TemporaryFolder();
        string id;
        await using (var store = new SqliteConversationStore(folder.ConnectionString))
            id = await WriteAsync(store, messages);

        foreach (var statement in sql)
            Query(folder, statement);
        await using (var store = new SqliteConversationStore(folder.ConnectionString))
            return await ReadAsync(store, id);
    }

    /// <summary>The format and content of each message in the file.</summary>
    public static async Task<IReadOnlyList<(long Format, string Content)>> RowsAsync(params ChatMessage[] messages)
    {
        using var folder = new TemporaryFolder();
        await using (var store = new SqliteConversationStore(folder.ConnectionString))
            await WriteAsync(store, [.. messages.Select(message => message.ToConversationMessage())]);

        return Query(folder, "SELECT format, content FROM messages ORDER BY key");
    }

    private static async Task<string> WriteAsync(IConversationStore store, IReadOnlyList<ConversationMessage> messages)
    {
        var manager = new ConversationManager(store, new ConversationOptions().AddAgent("bot"));
        var conversation = await manager.ImportAsync(
            new ConversationImport("bot", messages) { Identity = ConversationIdentity.ForUser("alice") }, TestContext.Current.CancellationToken);
        return conversation.Id;
    }

    private static async Task<IReadOnlyList<ConversationMessage>> ReadAsync(IConversationStore store, string id)
    {
        var manager = new ConversationManager(store, new ConversationOptions().AddAgent("bot"));
        var messages = new List<ConversationMessage>();
        await foreach (var message in manager.GetMessagesAsync(id, cancellationToken: TestContext.Current.CancellationToken))
            messages.Add(await manager.LoadDataAsync(message, TestContext.Current.CancellationToken));
        return messages;
    }

    private static List<(long Format, string Content)> Query(TemporaryFolder folder, string sql)
    {
        using var connection = new SqliteConnection($"{folder.ConnectionString};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<(long, string)>();
        while (reader.Read())
            rows.Add((reader.GetInt64(0), reader.GetString(1)));
        return rows;
    }
}
