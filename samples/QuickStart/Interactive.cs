using System.Globalization;
using Conversations;

namespace QuickStart;

/// <summary>A chat with the order desk.</summary>
internal sealed class Interactive(ConversationManager conversations)
{
    private const string Help = """
          /new        begin another conversation
          /list       your conversations
          /switch N   go on with number N of the list
          /history    everything in this conversation
          /end        end this conversation
          /as USER    be someone else
          /help       this
          /quit       leave; everything is kept
        """;

    private ScopedConversations _mine = conversations.ForIdentity(ConversationIdentity.ForUser("ada", "acme"));
    private List<Conversation> _listed = [];

    // The conversation that was chosen; null for the current one, which the store knows.
    private string? _chosen;

    private string User => _mine.Identity.UserId!;

    public async Task RunAsync()
    {
        await Screen.GreetAsync(_mine);
        Console.WriteLine("Ask about order SO-2024-001, -002 or -003; /help lists the commands.");
        while (true)
        {
            Console.Write($"{User} > ");
            var line = Console.ReadLine()?.Trim();
            if (line is null or "/quit")
                return;

            try
            {
                await DoAsync(line);
            }
            catch (ConversationException exception)
            {
                Screen.Write(exception);
            }
        }
    }

    private async Task DoAsync(string line)
    {
        var words = line.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        switch (words)
        {
            case []:
                break;
            case ["/new"]:
                _chosen = (await _mine.CreateAsync(OrderDesk.Personal)).Id;
                Console.WriteLine("  A new conversation. The one before is still in the /list.");
                break;
            case ["/list"]:
                await ListAsync();
                break;
            case ["/switch", var number]:
                await SwitchAsync(number);
                break;
            case ["/history"]:
                await ShowHistoryAsync();
                break;
            case ["/end"]:
                await EndAsync();
                break;
            case ["/as", var user]:
                _mine = conversations.ForIdentity(ConversationIdentity.ForUser(user, "acme"));
                _chosen = null;
                _listed = [];
                await Screen.GreetAsync(_mine);
                break;
            case [['/', ..], ..]:
                Console.WriteLine(Help);
                break;
            default:
                await AskAsync(line);
                break;
        }
    }

    private async Task AskAsync(string question)
    {
        var request = new TurnRequest(OrderDesk.Personal, question) { ConversationId = _chosen };
        var result = await _mine.RunTurnAsync(request, OrderDesk.AnswerAsync);
        foreach (var message in result.Messages)
            Screen.Write(message, User);
    }

    private async Task ListAsync()
    {
        var here = await HereAsync();
        var current = await _mine.GetCurrentAsync(OrderDesk.Personal);
        _listed = await _mine.ListAsync(new ConversationQuery { Agent = OrderDesk.Personal }).ToListAsync();
        for (var i = 0; i < _listed.Count; i++)
        {
            var conversation = _listed[i];
            var mark = conversation.Id.Equals(here?.Id, StringComparison.Ordinal) ? '>' : ' ';
            var state = conversation.IsActive ? "active" : "ended";
            if (conversation.Id.Equals(current?.Id, StringComparison.Ordinal))
                state += ", current";
            Console.WriteLine($"  {mark} {i + 1}. {conversation.Title ?? "(no messages yet)"}  [{Screen.Count(conversation.MessageCount, "message")}, {state}]");
        }

        if (_listed.Count == 0)
            Console.WriteLine("  No conversations yet.");
    }

    private async Task SwitchAsync(string number)
    {
        if (_listed.Count == 0)
            await ListAsync();
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index >= 1 && index <= _listed.Count)
        {
            _chosen = _listed[index - 1].Id;
            await ShowHistoryAsync();
        }
        else
        {
            Console.WriteLine("  That number is not in the /list.");
        }
    }

    private async Task ShowHistoryAsync()
    {
        if (await HereAsync() is not { MessageCount: > 0 } here)
        {
            Console.WriteLine("  No messages yet.");
            return;
        }

        await foreach (var message in _mine.GetMessagesAsync(here.Id))
            Screen.Write(message, User);
    }

    private async Task EndAsync()
    {
        if (await HereAsync() is not { } here)
        {
            Console.WriteLine("  There is none to end.");
            return;
        }

        await _mine.EndAsync(here.Id);
        _chosen = null;
        Console.WriteLine("  Ended. It stays readable; your next message goes to the current conversation, or begins one.");
    }

    private async Task<Conversation?> HereAsync() => _chosen is null
        ? await _mine.GetCurrentAsync(OrderDesk.Personal)
        : await _mine.GetAsync(_chosen);
}
