using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.History;

/// <summary>A history as it may come about, with an input: parallel calls, ids used again, results that are missing, late, doubled or of nothing,
/// errors between, calls of runs that were interrupted or wait, messages that were deleted, talk without a user.</summary>
internal sealed record GeneratedHistory(IReadOnlyList<StoredMessage> Messages, IReadOnlyList<ConversationMessage> Input, int MessageLimit, int? TokenLimit)
{
    private static readonly string[] Ids = ["a", "b", "c"];

    public static Arbitrary<GeneratedHistory> Any { get; } = Arb.From(
        from steps in Gen.Choose(0, 11).ListOf().Resize(60)
        from seed in Gen.Choose(0, int.MaxValue)
        from messageLimit in Gen.Frequency((3, Gen.Choose(1, 8)), (2, Gen.Choose(9, 64)))
        from tokenLimit in Gen.Frequency((1, Gen.Constant<int?>(null)), (3, Gen.Choose(5, 1_000).Select(limit => (int?)limit)))
        select Of([.. steps], new Random(seed), messageLimit, tokenLimit));

    public override string ToString() =>
        $"{string.Join(' ', Messages.Select(Brief))} > {string.Join(' ', Input.Select(Brief))} | {MessageLimit} messages, {TokenLimit} tokens";

    private static GeneratedHistory Of(int[] steps, Random random, int messageLimit, int? tokenLimit)
    {
        var messages = new List<StoredMessage>();
        var position = 0L;
        foreach (var step in steps)
        {
            foreach (var message in MessagesOf(step, random))
            {
                // A message that is deleted, or was never readable, leaves a hole.
                position++;
                if (random.Next(20) > 0)
                    messages.Add(Stored(message, position, random));
            }
        }

        // The manager refuses results that answer no open call.
        var result = ConversationMessage.ToolResult(Ids[random.Next(3)], Text(random));
        var answers = OpenCalls.AllAnswer([result], messages.Where(message => message.Kind != MessageKind.Error).ToList());
        var input = answers ? result : ConversationMessage.User(Text(random));
        return new GeneratedHistory(messages, [PromptCost.Counted(TokenCounter.Estimate, input)], messageLimit, tokenLimit);
    }

    private static IEnumerable<ConversationMessage> MessagesOf(int step, Random random)
    {
        switch (step)
        {
            case 0 or 1 or 2:
                yield return ConversationMessage.User(Text(random));
                break;
            case 3 or 4:
                yield return ConversationMessage.Assistant(Text(random));
                break;
            case 5:
                yield return new ConversationMessage(MessageRole.Assistant, Ids.Take(random.Next(1, 4)).Select(id => new ToolCallPart(id, "f", "{}")));
                break;
            case 6 or 7:
                foreach (var id in Ids.Take(random.Next(1, 4)))
                    yield return ConversationMessage.ToolCall(id, "f", Text(random));
                break;
            case 8 or 9:
                foreach (var id in Ids.Take(random.Next(1, 4)))
                    yield return ConversationMessage.ToolResult(id, Text(random));
                break;
            case 10:
                yield return new ConversationMessage(MessageRole.Tool, Ids.OrderBy(_ => random.Next()).Take(2).Select(id => new ToolResultPart(id, "ok")));
                break;
            default:
                yield return random.Next(2) == 0 ? ConversationMessage.Error("failed") : ConversationMessage.System("Be brief.");
                break;
        }
    }

    /// <summary>As a turn left it: counted or not, imported, committed, or by a turn that was given up.</summary>
    private static StoredMessage Stored(ConversationMessage message, long position, Random random) => PromptCost.Counted(TokenCounter.Estimate, message).StoredAt("conv_1", position, random.Next(3) == 0 ? null : 7) with
    {
        IsPartial = message.Role == MessageRole.Assistant && random.Next(4) == 0,
    };

    private static string Text(Random random) => new('x', random.Next(1, 60));

    private static string Brief(ConversationMessage message) =>
        $"{(message as StoredMessage)?.Position}{message.Kind.ToString()[0]}{message.Role.ToString()[0]}[{string.Join(',', message.Parts.Select(part => part switch
        {
            ToolCallPart call => "c" + call.CallId,
            ToolResultPart result => "r" + result.CallId,
            _ => "t",
        }))}]{message.Tokens?.Count}";
}
