namespace Conversations.Tests.Manager;

/// <summary>What becomes of summaries in progress when the manager is disposed, and the context in which they run.</summary>
public sealed class ShutdownSummaryTests : ShutdownTest
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact]
    public async Task Dispose_waits_for_summary()
    {
        var summarizer = new FakeSummarizer();
        var manager = new ConversationManager(Store, Summarizing(summarizer), Time, Log);
        var held = summarizer.Hold();
        await FillAsync(manager);
        await summarizer.Reached;

        var disposal = manager.DisposeAsync().AsTask();
        held.Dispose();
        await disposal;

        var current = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await Alice.GetSummaryAsync(current!.Id, Cancellation)).Should().NotBeNull();
    }

    [Fact]
    public async Task Dispose_cancels_summary_that_does_not_end_in_time()
    {
        var summarizer = new FakeSummarizer();
        var manager = new ConversationManager(Store, Impatient(Summarizing(summarizer)), Time, Log);
        using var held = summarizer.Hold();
        await FillAsync(manager);
        await summarizer.Reached;

        await manager.DisposeAsync();
        await manager.WaitForSummariesAsync(Cancellation);

        Log.Entries.Select(entry => entry.Text).Should().Contain(text => text.StartsWith("A summary was not completed", StringComparison.Ordinal));
        var current = await Alice.GetCurrentAsync(Bot, cancellationToken: Cancellation);
        (await Alice.GetSummaryAsync(current!.Id, Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task Summary_is_made_without_execution_context_of_caller()
    {
        string? seen = "none";
        var summarizer = new FakeSummarizer { Answer = _ => (seen = Ambient.Value) ?? "summary" };
        var manager = new ConversationManager(Store, Summarizing(summarizer), Time, Log);

        Ambient.Value = "caller";
        await FillAsync(manager);
        await manager.WaitForSummariesAsync(Cancellation);

        seen.Should().BeNull();
    }

    private static ConversationOptions Summarizing(IConversationSummarizer summarizer) => new ConversationOptions().AddAgent(Bot, agent =>
    {
        agent.HistoryLimit = 2;
        agent.SummaryThreshold = 2;
        agent.Summarizer = summarizer;
    });

    private static async Task FillAsync(ConversationManager manager)
    {
        for (var turn = 0; turn < 4; turn++)
            await Mine(manager).RunTurnAsync(Bot, $"question {turn}", Say("answer"), Cancellation);
    }
}
