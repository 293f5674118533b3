using Conversations;

namespace Triggers;

/// <summary>What happens in the CRM, step by step.</summary>
internal sealed class Story(ConversationManager conversations)
{
    // Read once, when the program starts: a mistake in a template is found then, with its column.
    private static readonly ConversationIdTemplate ByCompany = ConversationIdTemplate.Parse("{record.company}");
    private static readonly ConversationIdTemplate ByOwner = ConversationIdTemplate.Parse("{record.owner}");

    // The CRM reads and lists the threads of its records. Code that only writes to a thread names its key and needs no grant.
    private static readonly ConversationGrants Threads = new() { Threads = ["northwind", "ada", "ben"] };

    // A trigger acts for its tenant, regardless of the logged-in user.
    private readonly ScopedConversations _acme = conversations.ForIdentity(ConversationIdentity.FromFields([new(IdentityFields.TenantId, "acme")]), Threads);
    private readonly ScopedConversations _globex = conversations.ForIdentity(ConversationIdentity.FromFields([new(IdentityFields.TenantId, "globex")]), Threads);

    public async Task RunAsync()
    {
        var night = await NightAsync();
        Step(night == 1 ? "Three triggers, one thread for each company" : $"The company's thread goes on with night {night}: what was delivered before is not handled again");
        var company = new CrmTriggers(_acme, "company-agent", ByCompany);
        await AllAsync(company, night);

        Step("The webhook delivers its event once more");
        await company.DocumentSignedAsync(Records.Signed);

        Step("Ada joins the thread in a chat");
        await ChatAsync("What is new at northwind?");

        Step("The same triggers, one thread for each owner");
        await AllAsync(new CrmTriggers(_acme, "owner-agent", ByOwner), night);

        Step("The same triggers without a thread: the agent's mode is shared, so the tenant has one history");
        await AllAsync(new CrmTriggers(_acme, "tenant-agent", template: null), night);

        Step("Another tenant has a company of the same name: its thread is another");
        await new CrmTriggers(_globex, "company-agent", ByCompany).RecordCreatedAsync(Records.Harbour);

        Step("A record without a company has no thread, rather than one with all that have none");
        await company.RecordCreatedAsync(Records.Nameless);

        await ListAsync("acme", _acme);
        await ListAsync("globex", _globex);
    }

    private static void Step(string title) => Console.WriteLine($"{Environment.NewLine}{title}.");

    private static async Task AllAsync(CrmTriggers triggers, int night)
    {
        await triggers.RecordCreatedAsync(Records.Ships);
        await triggers.NightlyAsync(Records.OpenOffers, night);
        await triggers.DocumentSignedAsync(Records.Signed);
    }

    private async Task ChatAsync(string question)
    {
        var ada = conversations.ForIdentity(ConversationIdentity.ForUser("ada", "acme"));
        var result = await ada.RunTurnAsync(
            new TurnRequest("company-agent", question) { Thread = ByCompany.Resolve(new { record = Records.Ships }) }, CrmAgent.AnswerAsync);
        Console.WriteLine($"  ada > {question}{Environment.NewLine}    company-agent > {result.ReplyText}");
    }

    /// <summary>The number of this night: one more than in the thread.</summary>
    private async Task<int> NightAsync()
    {
        var thread = await _acme.GetCurrentAsync("company-agent", ByCompany.Resolve(new { record = Records.Ships }));
        return thread is null
            ? 1
            : 1 + await _acme.GetMessagesAsync(thread.Id).CountAsync(message => message.Text.StartsWith("Night ", StringComparison.Ordinal));
    }

    private static async Task ListAsync(string tenant, ScopedConversations view)
    {
        Step($"What {tenant} has now");
        await foreach (var thread in view.ListAsync())
            Console.WriteLine($"  {thread.SessionId}  {thread.MessageCount} messages");
    }
}
