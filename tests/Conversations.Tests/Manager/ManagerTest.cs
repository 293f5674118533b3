using Conversations.Storage;
using Conversations.StoreSpecification;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Manager;

/// <summary>The base class of tests of the manager: a few agents, one kind of store, and a clock that only tests move.</summary>
public abstract class ManagerTest<TStore> : IAsyncDisposable
    where TStore : IStoreUnderTest, new()
{
    private readonly TStore _stores = new();

    protected ManagerTest()
    {
        Store = _stores.Open(Time);
        Manager = new ConversationManager(Store, Options(), Time, Log);
    }

    protected static string Bot => "support-bot";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected ManualTimeProvider Time { get; } = new();

    protected RecordingLogger Log { get; } = new();

    protected IConversationStore Store { get; }

    protected ConversationManager Manager { get; }

    protected ScopedConversations Alice => Manager.ForIdentity(ConversationIdentity.ForUser("alice"));

    protected ScopedConversations Bob => Manager.ForIdentity(ConversationIdentity.ForUser("bob"));

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _stores.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static ConversationOptions Options() => new ConversationOptions()
        .AddAgent("support-bot", agent => agent.SystemPrompt = "You are kind.")
        .AddAgent("team-bot", agent => agent.Mode = PersistenceMode.Shared)
        .AddAgent("oracle", agent => agent.Mode = PersistenceMode.Stateless)
        .AddAgent("strict-bot", agent => agent.RequireIdentity = true)
        .AddAgent("audit-bot", agent => agent.RetainForAudit = true)
        .AddAgent("patient-bot", agent => agent.OnBusy = BusyPolicy.Wait(TimeSpan.FromMinutes(5)))
        .AddAgent("trigger-bot", agent => agent
            .SetChannelMode(ConversationChannels.Schedule, PersistenceMode.Shared)
            .SetChannelMode(ConversationChannels.DocumentEvent, PersistenceMode.Shared)
            .SetChannelMode(ConversationChannels.Api, PersistenceMode.Stateless));

    protected static Func<ConversationTurn, CancellationToken, Task> Say(params string[] texts) => (turn, _) =>
    {
        foreach (var text in texts)
            turn.Add(ConversationMessage.Assistant(text));
        return Task.CompletedTask;
    };

    protected Task<TurnResult> AskAsync(string text = "hello", string answer = "hi") => Alice.RunTurnAsync(Bot, text, Say(answer), Cancellation);

    protected Task<TurnResult> AskAsync(TurnRequest request, string answer = "hi") => Alice.RunTurnAsync(request, Say(answer), Cancellation);

    /// <summary>Every text of a conversation, of all roles.</summary>
    protected async Task<List<string>> TextsAsync(string? conversationId) =>
        [.. await Manager.GetMessagesAsync(conversationId!, cancellationToken: Cancellation).Select(message => message.Text).ToListAsync(Cancellation)];
}

/// <summary>Records log entries.</summary>
public sealed class RecordingLogger : ILogger<ConversationManager>
{
    private readonly List<(LogLevel Level, string Text)> _entries = [];
    private readonly List<Exception> _exceptions = [];

    public IReadOnlyList<(LogLevel Level, string Text)> Entries
    {
        get
        {
            lock (_entries)
                return [.. _entries];
        }
    }

    /// <summary>The exceptions that came with them.</summary>
    public IReadOnlyList<Exception> Exceptions
    {
        get
        {
            lock (_entries)
                return [.. _exceptions];
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_entries)
        {
            _entries.Add((logLevel, formatter(state, exception)));
            if (exception is not null)
                _exceptions.Add(exception);
        }
    }
}
