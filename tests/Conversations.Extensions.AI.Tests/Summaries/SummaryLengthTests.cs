namespace Conversations.Extensions.AI.Tests.Summaries;

/// <summary>What is sent of input that is too long.</summary>
public sealed class SummaryLengthTests : SummarizerTest
{
    private int Tokens => TokenCounter.Estimate.Count(Model.System) + TokenCounter.Estimate.Count(Model.Quotation);

    [Fact]
    public async Task Messages_that_fit_are_sent_whole()
    {
        var text = string.Join(' ', Enumerable.Range(1, 2_000));

        await SummarizeAsync(Request(ConversationMessage.User(text)));

        Model.Quotation.Should().Contain($"\n> {text}\n");
    }

    [Fact]
    public async Task Long_message_is_shortened_in_its_middle_and_short_ones_are_not()
    {
        var text = $"BEGIN {new string('x', 1_000)}{string.Concat(Enumerable.Repeat("word ", 1_000_000))}END";

        await SummarizeAsync(Request(ConversationMessage.User("Read this:"), ConversationMessage.User(text), ConversationMessage.Assistant("I have read it.")));

        Model.Quotation.Should().Contain("> Read this:\n").And.Contain("> BEGIN x").And.MatchRegex(@"\[… [0-9]+ characters are omitted here …\]").And.Contain(" END\n").And.Contain("> I have read it.\n");
        Tokens.Should().BeInRange(5_000, 33_000);
    }

    [Fact]
    public async Task Many_messages_are_left_out_in_the_middle()
    {
        var messages = Enumerable.Range(1, 5_000).Select(number => ConversationMessage.User($"message {number} {new string('y', 300)}")).ToArray();

        await SummarizeAsync(Request(messages));

        Model.Quotation.Should().Contain("> message 1 y").And.Contain("> message 5000 y").And.MatchRegex(@"\n\[[0-9]+ entries are omitted here\]\n").And.NotContain("> message 2500 ");
        Tokens.Should().BeInRange(10_000, 33_000);
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(250)]
    public async Task Whole_request_costs_about_the_token_limit_of_the_agent(int tokenLimit)
    {
        var messages = Enumerable.Range(1, 50).Select(number => ConversationMessage.User($"{number}: {string.Concat(Enumerable.Repeat("a word ", 200))}")).ToArray();

        await SummarizeAsync(Request(messages) with { TokenLimit = tokenLimit, PreviousSummary = string.Concat(Enumerable.Repeat("so far ", 100)) });

        Tokens.Should().BeInRange(2 * tokenLimit, (4 * tokenLimit) + 50);
    }

    [Fact]
    public async Task Last_summary_that_is_too_long_leaves_room_for_messages()
    {
        var messages = Enumerable.Range(1, 50).Select(number => ConversationMessage.User($"message {number} {string.Concat(Enumerable.Repeat("a word ", 20))}")).ToArray();

        await SummarizeAsync(Request(messages) with { TokenLimit = 150, PreviousSummary = string.Concat(Enumerable.Repeat("long ago ", 10_000)) });

        Model.Quotation.Should().Contain("> long ago").And.Contain("> message 1 ").And.Contain("> message 50 ");
    }

    [Fact]
    public async Task Smallest_limit_still_sends_something()
    {
        await SummarizeAsync(Request(ConversationMessage.User("Hello there.")) with { TokenLimit = 1 });

        Model.Quotation.Should().Contain("> Hello there.");
    }

    [Fact]
    public async Task Calls_and_results_are_sent_in_short()
    {
        await SummarizeAsync(Request(ConversationMessage.ToolCall("c", "find", new string('a', 5_000)), ConversationMessage.ToolResult("c", new string('b', 5_000))));

        Model.Quotation.Length.Should().BeInRange(2_000, 2_500);
    }

    [Fact]
    public async Task Character_is_never_cut_in_two()
    {
        var faces = string.Concat(Enumerable.Repeat("😀", 1_001));

        await SummarizeAsync(Request(ConversationMessage.ToolResult("c", faces), ConversationMessage.ToolResult("c", "x" + faces), ConversationMessage.ToolResult("c", faces + "x")));

        Model.Quotation.EnumerateRunes().Should().NotContain(System.Text.Rune.ReplacementChar);
    }
}
