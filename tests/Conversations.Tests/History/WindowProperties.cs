using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.History;

/// <summary>Every window of every history is one that a model accepts, within its limits. The seed is fixed, so that a failure comes again.</summary>
public sealed class WindowProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(5_000).WithReplay(20260404, 7).WithQuietOnSuccess(true);

    [Fact]
    public void Windows_are_contiguous_whole_paired_and_within_their_limits()
    {
        Prop.ForAll(GeneratedHistory.Any, async history =>
        {
            var limits = new WindowLimits(history.MessageLimit, history.TokenLimit, TokenCounter.Estimate);
            (await WindowRules.CheckAsync(history.Messages, history.Input, limits)).Should().BeNull();
        }).Check(Runs);
    }

    [Fact]
    public void Windows_that_are_cut_back_are_contiguous_whole_paired_and_within_their_limits()
    {
        Prop.ForAll(GeneratedHistory.Any, async history =>
        {
            var limits = new WindowLimits(history.MessageLimit, history.TokenLimit, TokenCounter.Estimate, Trim: 0.5);
            (await WindowRules.CheckAsync(history.Messages, history.Input, limits)).Should().BeNull();
        }).Check(Runs);
    }

    [Fact]
    public void Windows_begin_where_the_one_before_began_until_it_does_not_fit()
    {
        Prop.ForAll(GeneratedHistory.Any, async history =>
        {
            var limits = new WindowLimits(history.MessageLimit, history.TokenLimit, TokenCounter.Estimate, Trim: 0.5);
            (await WindowRules.CheckSequenceAsync(history.Messages, limits)).Should().BeNull();
        }).Check(Runs.WithMaxTest(1_000));
    }

    [Fact]
    public void Histories_that_are_generated_are_of_every_kind()
    {
        var samples = GeneratedHistory.Any.Generator.Sample(500, 40).ToList();

        samples.Count(history => history.Input[0].Kind == MessageKind.ToolResult).Should().BePositive();
        samples.Count(history => history.TokenLimit == null).Should().BePositive();
        samples.Count(history => history.Messages.Count > 30).Should().BePositive();
        var messages = samples.SelectMany(history => history.Messages).ToList();
        messages.Count(message => message.Kind == MessageKind.Error).Should().BePositive();
        messages.Count(message => message.Kind == MessageKind.ToolCall && message.IsPartial).Should().BePositive();
        messages.Count(message => message.Parts.Count > 1).Should().BePositive();
    }
}
