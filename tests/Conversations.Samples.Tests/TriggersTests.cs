namespace Conversations.Samples.Tests;

public sealed class TriggersTests
{
    [Fact]
    public async Task First_run_has_a_thread_for_each_company_and_owner_and_keeps_tenants_apart()
    {
        using var sample = new Sample();

        var run = await sample.RunAsync("Triggers");

        run.ExitCode.Should().Be(0, "{0}", run.Errors);
        run.Output.Should()
            .Contain("*:#northwind;tenant_id=acme:company-agent  8 messages")
            .And.Contain("*:#northwind;tenant_id=globex:company-agent  2 messages")
            .And.Contain("*:#ada;tenant_id=acme:owner-agent  4 messages")
            .And.Contain("*:#ben;tenant_id=acme:owner-agent  2 messages")
            .And.Contain("*:*;tenant_id=acme:tenant-agent  6 messages")
            .And.Contain("company-agent > I know of 3 more. The CRM wrote: Signed: Contract 12.")
            .And.Contain("TEMPLATE_UNRESOLVED: ");
        run.Output.Split("(delivered before").Should().HaveCount(2);
        File.Exists(sample.File("triggers.db")).Should().BeTrue();
    }

    [Fact]
    public async Task Second_run_continues_the_threads_and_handles_no_event_twice()
    {
        using var sample = new Sample();
        await sample.RunAsync("Triggers");

        var run = await sample.RunAsync("Triggers");

        run.ExitCode.Should().Be(0, "{0}", run.Errors);
        run.Output.Should()
            .Contain("Night 2").And.NotContain("Night 3").And.NotContain("That is the first I hear.")
            .And.Contain("ada wrote: What is new at northwind?")
            .And.Contain("*:#northwind;tenant_id=acme:company-agent  12 messages")
            .And.Contain("*:#northwind;tenant_id=globex:company-agent  2 messages");
    }
}
