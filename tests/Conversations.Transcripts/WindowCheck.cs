using System.Collections.Concurrent;
using System.Globalization;
using Conversations.Tests.History;
using Replay;

namespace Conversations.Transcripts;

/// <summary>Checks windows of recorded conversations: the messages up to a point are the history, and the next ones, of the user or a tool, are the input.</summary>
internal static class WindowCheck
{
    private static readonly WindowLimits[] Limits =
    [
        .. Enumerable.Range(1, 64).Select(messages => new WindowLimits(messages, null, TokenCounter.Estimate)),
        .. TokenSteps().Select(tokens => new WindowLimits(10_000, tokens, TokenCounter.Estimate)),
        .. TokenSteps().Select((tokens, i) => new WindowLimits(1 + (i * 2 % 64), tokens, TokenCounter.Estimate)),
        .. Enumerable.Range(1, 64).Select(messages => new WindowLimits(messages, null, TokenCounter.Estimate, Trim: 0.5)),
        .. TokenSteps().Select((tokens, i) => new WindowLimits(1 + (i * 2 % 64), tokens, TokenCounter.Estimate, Trim: 0.5)),
    ];

    /// <summary>Checks files, and writes what was found.</summary>
    /// <returns>Whether everything holds.</returns>
    public static async Task<bool> RunAsync(IEnumerable<string> files, TextWriter output)
    {
        var findings = new ConcurrentQueue<string>();
        foreach (var file in files)
        {
            var (conversations, prefixes, windows) = (0, 0L, 0L);
            await foreach (var line in Transcript.ReadAsync(new FileInfo(file), CancellationToken.None))
            {
                if (line.Conversation is null)
                    throw new InvalidDataException($"Line {line.Number}: {line.Problem}");

                conversations++;
                var messages = line.Conversation.Messages
                    .Select((message, i) => new StoredMessage(PromptCost.Counted(TokenCounter.Estimate, message.ToMessage())) { ConversationId = "conv_1", Position = i + 1, RunNumber = 1 })
                    .ToList();
                foreach (var prefix in Enumerable.Range(0, messages.Count + 1))
                {
                    prefixes++;
                    var history = messages[..prefix];
                    var input = InputAfter(messages, prefix);
                    await Parallel.ForEachAsync(Limits, async (limits, _) =>
                    {
                        if (await WindowRules.CheckAsync(history, input, limits) is { } finding)
                            findings.Enqueue($"{Path.GetFileName(file)} line {line.Number}, {prefix} messages, limits {limits.Messages} and {limits.Tokens}: {finding}");
                    });
                    windows += Limits.Length;
                }
            }

            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: {conversations:N0} conversations, {prefixes:N0} prefixes, {windows:N0} windows"));
        }

        foreach (var finding in findings)
            await output.WriteLineAsync(finding);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{findings.Count:N0} findings"));
        return findings.IsEmpty;
    }

    private static IEnumerable<int> TokenSteps()
    {
        for (var tokens = 50; tokens <= 8_000; tokens += Math.Max(10, tokens / 8))
            yield return tokens;
    }

    /// <summary>The next input: results if those come next and answer open calls, otherwise a user's message.</summary>
    private static IReadOnlyList<ConversationMessage> InputAfter(List<StoredMessage> messages, int prefix)
    {
        var results = messages.Skip(prefix).TakeWhile(message => message.Kind == MessageKind.ToolResult).ToList();
        if (results.Count > 0 && OpenCalls.AllAnswer(results, messages[..prefix]))
            return [.. results.Select(static result => PromptCost.Counted(TokenCounter.Estimate, result.Content()))];

        var next = messages.Skip(prefix).FirstOrDefault(message => message is { Role: MessageRole.User, Kind: MessageKind.Message })?.Content() ?? ConversationMessage.User("And then?");
        return [PromptCost.Counted(TokenCounter.Estimate, next)];
    }
}
