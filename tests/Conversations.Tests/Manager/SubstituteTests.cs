using System.Reflection;
using NSubstitute;

namespace Conversations.Tests.Manager;

/// <summary>What an app's tests can do without a store: substitute what the app injects.</summary>
public sealed class SubstituteTests
{
    private static readonly ConversationIdentity Ada = ConversationIdentity.ForUser("ada");

    private readonly ConversationManager _manager = Substitute.For<ConversationManager>();
    private readonly ScopedConversations _mine = Substitute.For<ScopedConversations>();

    public SubstituteTests() => _manager.ForIdentity(Ada).Returns(_mine);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Substitute_of_the_manager_returns_a_view_and_the_view_a_result()
    {
        var result = new TurnResult { ConversationId = "conv_1", RunId = "run_1_1", InputMessageId = "msg_1_1", Messages = [ConversationMessage.Assistant("hi")] };
        _mine.RunTurnAsync("support-bot", "hello", Arg.Any<Func<ConversationTurn, CancellationToken, Task<string>>>(), Arg.Any<CancellationToken>()).Returns(result);

        var answer = await new Desk(_manager).AskAsync(Ada, "hello", Cancellation);

        answer.Should().Be("hi");
    }

    [Fact]
    public async Task App_under_test_handles_a_locked_conversation()
    {
        _mine.RunTurnAsync("support-bot", "hello", Arg.Any<Func<ConversationTurn, CancellationToken, Task<string>>>(), Arg.Any<CancellationToken>())
            .Returns<TurnResult>(_ => throw new ConversationLockedException("conv_1", "run_1_1", TimeSpan.FromSeconds(7)));

        var answer = await new Desk(_manager).AskAsync(Ada, "hello", Cancellation);

        answer.Should().Be("Busy. Try again in 7 seconds.");
    }

    [Fact]
    public async Task Substitute_of_the_maintenance_returns_the_health()
    {
        var maintenance = Substitute.For<ConversationMaintenance>();
        maintenance.CheckHealthAsync(Cancellation).Returns(new StoreHealth(ConversationErrorCodes.StoreReadOnly, TimeSpan.FromSeconds(1)));

        (await maintenance.CheckHealthAsync(Cancellation)).IsHealthy.Should().BeFalse();
    }

    [Theory]
    [InlineData(typeof(ConversationManager))]
    [InlineData(typeof(ScopedConversations))]
    [InlineData(typeof(ConversationMaintenance))]
    public void Member_of_an_injected_class_is_virtual(Type type)
    {
        var members = type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Where(method => method.DeclaringType != typeof(object));

        members.Should().OnlyContain(method => method.IsVirtual && !method.IsFinal);
    }

    [Fact]
    public async Task Member_of_a_substitute_that_is_not_overridden_throws()
    {
        Func<Task>[] calls =
        [
            () => new ManagerWithoutStore().RunTurnAsync("support-bot", "hello", (_, _) => Task.FromResult("hi"), Cancellation),
            () => new ManagerWithoutStore().GetAsync("conv_1", Cancellation),
            () => new ManagerWithoutStore().WaitForSummariesAsync(Cancellation),
            () => new ViewWithoutStore().DeleteAsync("conv_1", Cancellation),
            () => new MaintenanceWithoutStore().CheckHealthAsync(Cancellation),
            () => new MaintenanceWithoutStore().GetUsageAsync(cancellationToken: Cancellation),
        ];

        foreach (var call in calls)
            await call.Should().ThrowAsync<NotSupportedException>().WithMessage("*substitute*");
        FluentActions.Invoking(() => new ViewWithoutStore().Identity).Should().Throw<NotSupportedException>();
        FluentActions.Invoking(() => new ManagerWithoutStore().ForIdentity(Ada)).Should().Throw<NotSupportedException>();
    }

    [Fact]
    public void Exception_of_the_library_has_a_public_constructor()
    {
        var exceptions = typeof(ConversationException).Assembly.GetExportedTypes().Where(type => type.IsAssignableTo(typeof(ConversationException)) && !type.IsAbstract);

        exceptions.Should().NotBeEmpty().And.OnlyContain(type => type.GetConstructors().Length > 0);
    }

    /// <summary>A class of an app, as its tests see it.</summary>
    private sealed class Desk(ConversationManager conversations)
    {
        public async Task<string?> AskAsync(ConversationIdentity caller, string text, CancellationToken cancellationToken)
        {
            try
            {
                var result = await conversations.ForIdentity(caller).RunTurnAsync("support-bot", text, (turn, _) => Task.FromResult($"You wrote: {turn.Input[0].Text}"), cancellationToken);
                return result.ReplyText;
            }
            catch (ConversationLockedException locked)
            {
                return $"Busy. Try again in {locked.RetryAfter.TotalSeconds} seconds.";
            }
        }
    }

    private sealed class ManagerWithoutStore : ConversationManager;

    private sealed class ViewWithoutStore : ScopedConversations;

    private sealed class MaintenanceWithoutStore : ConversationMaintenance;
}
