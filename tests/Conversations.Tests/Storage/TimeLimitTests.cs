using Conversations.StoreSpecification;

namespace Conversations.Tests.Storage;

/// <summary>A test of the kit comes to an end, also over a store that does not.</summary>
public sealed class TimeLimitTests
{
    [Fact]
    public async Task Wait_fails_the_test_when_the_task_never_ends()
    {
        var wait = () => TimeLimit.OfAsync(new TaskCompletionSource().Task, TimeSpan.Zero);

        await wait.Should().ThrowAsync<Xunit.Sdk.FailException>().WithMessage("*did not come back*");
    }

    [Fact]
    public async Task Wait_throws_the_exception_of_the_task()
    {
        var wait = () => TimeLimit.OfAsync(Task.FromException(new InvalidOperationException("failed")), TimeSpan.Zero);

        await wait.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Look_returns_whether_a_task_has_ended_in_any_way()
    {
        var pending = new TaskCompletionSource().Task;
        var failed = Task.FromException(new InvalidOperationException("failed"));

        (await TimeLimit.LookAsync(pending, TimeSpan.Zero)).Should().BeFalse();
        (await TimeLimit.LookAsync(failed, TimeSpan.Zero)).Should().BeTrue();
        (await TimeLimit.LookAsync(Task.CompletedTask, TimeSpan.Zero)).Should().BeTrue();
    }
}
