using Conversations.Storage;

namespace Conversations.Sqlite.Tests;

/// <summary>Commands as the manager would give them.</summary>
internal static class Commands
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private static int _ids;

    public static ConversationScope Scope(string user = "user_1", string agent = "support-bot", string project = ConversationScope.DefaultProject) =>
        new(project, agent, ConversationOwner.Of(ConversationIdentity.ForUser(user)), ConversationChannels.Chat);

    public static ConversationAccess Access(this ConversationScope scope) => new(scope.Project, [scope.Owner.Audience]);

    public static string NewId() => $"conv_{Interlocked.Increment(ref _ids):D8}";

    public static BeginTurnCommand Begin(ConversationScope? scope = null, string text = "Hello", string? key = null, string fingerprint = "f")
    {
        scope ??= Scope();
        return new BeginTurnCommand
        {
            Access = scope.Access(),
            Agent = scope.Agent,
            Scope = scope,
            NewConversationId = NewId(),
            Title = text,
            Input = [ConversationMessage.User(text) with { CreatedAt = Now }],
            Caller = "caller",
            IdempotencyKey = key,
            Fingerprint = key is null ? null : fingerprint,
            LeaseDuration = Lease,
        };
    }

    public static CommitTurnCommand Commit(TurnLease lease, params string[] texts) => new()
    {
        Lease = lease,
        Status = RunStatus.Completed,
        Messages = [.. texts.Select(text => ConversationMessage.Assistant(text) with { CreatedAt = Now })],
    };

    public static async Task<TurnBegun> BeginAsync(this IConversationStore store, ConversationScope? scope = null, string text = "Hello") =>
        (await store.BeginTurnAsync(Begin(scope, text), TestContext.Current.CancellationToken)).Should().BeOfType<TurnBegun>().Subject;

    /// <summary>Supersedes what stands behind a message and brings back what a run superseded, in a run of its own.</summary>
    /// <returns>The number of that.</returns>
    public static async Task<long> RestoreAsync(this IConversationStore store, ConversationScope scope, string id, long position, long run)
    {
        var command = Begin(scope) with { Scope = null, ConversationId = id, Title = null, Input = [], InputAgain = new MessageSpan(position, 1) };
        var begun = (await store.BeginTurnAsync(command, TestContext.Current.CancellationToken)).Should().BeOfType<TurnBegun>().Subject;
        var commit = Commit(begun.Lease) with { SupersedeFrom = position + 1, Restore = run };
        (await store.CommitTurnAsync(commit, TestContext.Current.CancellationToken)).Should().BeTrue();
        return begun.Lease.Fence;
    }

    public static async Task<string> TurnAsync(this IConversationStore store, ConversationScope? scope = null, string question = "Hello", string answer = "Hi")
    {
        var turn = await store.BeginAsync(scope, question);
        (await store.CommitTurnAsync(Commit(turn.Lease, answer), TestContext.Current.CancellationToken)).Should().BeTrue();
        return turn.Lease.ConversationId;
    }
}
