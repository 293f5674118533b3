using System.Text.Json;
using Conversations;

namespace Triggers;

/// <summary>Three triggers that write to one agent. The template determines which records share a thread; without one, the agent's mode does.</summary>
/// <param name="crm">The view of the tenant whose records they are.</param>
/// <param name="agent">The agent.</param>
/// <param name="template">The template of the thread key; <see langword="null"/> for no thread.</param>
internal sealed class CrmTriggers(ScopedConversations crm, string agent, ConversationIdTemplate? template)
{
    /// <summary>A deal was created: an object of our own.</summary>
    public Task RecordCreatedAsync(Deal deal) =>
        HandleAsync(deal, $"New deal: {deal.Title}.", "record_created", $"created/{deal.Id}");

    /// <summary>The nightly job looks at a row of a query: a dictionary.</summary>
    public Task NightlyAsync(IReadOnlyDictionary<string, object?> row, int night) =>
        HandleAsync(row, $"Night {night}: {row["open"]} offers are open.", ConversationChannels.Schedule, $"night/{night}");

    /// <summary>A document was signed: the JSON of a webhook, whose customer is a list, as links between records are.</summary>
    public Task DocumentSignedAsync(JsonElement e) =>
        HandleAsync(e.GetProperty("document"), $"Signed: {e.GetProperty("title")}.", ConversationChannels.DocumentEvent, e.GetProperty("id").GetString()!);

    private async Task HandleAsync(object record, string text, string channel, string eventId)
    {
        try
        {
            // The triggers act for a tenant, which has no name. People who join have their own.
            var request = new TurnRequest(agent, ConversationMessage.User(text) with { AuthorName = "The CRM" }) { Thread = template?.Resolve(new { record }), Channel = channel, IdempotencyKey = eventId };
            var result = await crm.RunTurnAsync(request, CrmAgent.AnswerAsync);
            Console.WriteLine($"  [{channel}] {text}");
            Console.WriteLine(result.IsReplay ? "    (delivered before: the agent was not asked again)" : $"    {agent} > {result.ReplyText}");
        }
        catch (TemplateUnresolvedException exception)
        {
            Console.WriteLine($"  [{channel}] {text}{Environment.NewLine}    {exception.Code}: {exception.Message}");
        }
    }
}
