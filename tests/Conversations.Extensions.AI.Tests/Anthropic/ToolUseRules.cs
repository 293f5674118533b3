namespace Conversations.Extensions.AI.Tests;

/// <summary>
/// Every call is answered in the very next turn, once, before anything else there; nothing is answered that was not called
/// (platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls; the words are those of github.com/anthropics/claude-code/issues/8210,
/// 13460 and github.com/vectorize-io/hindsight/pull/4250).
/// </summary>
internal static class ToolUseRules
{
    public static void Check(IReadOnlyList<Turn> turns, bool definesTools, AnthropicRules rules, Findings findings)
    {
        var before = new HashSet<string>(StringComparer.Ordinal);
        var conversation = turns.Where(turn => turn.Role != "system").ToList();

        for (var index = 0; index < conversation.Count; index++)
        {
            var calls = index > 0 ? IdsOf(conversation[index - 1], "tool_use", "id") : [];
            var answers = index + 1 < conversation.Count ? IdsOf(conversation[index + 1], "tool_result", "tool_use_id") : [];

            CheckCalls(conversation[index], [.. answers], before, rules, findings);
            CheckResults(conversation[index], [.. calls], findings);
        }

        if (!definesTools && turns.Any(turn => turn.Blocks.Any(block => block.Type is "tool_use" or "tool_result")))
        {
            findings.Add("tools-undefined", "Requests which include `tool_use` or `tool_result` blocks must define tools");
        }
    }

    private static IEnumerable<string> IdsOf(Turn turn, string type, string name) =>
        turn.Blocks.Where(block => block.Type == type).Select(block => block.Id(name));

    private static void CheckCalls(Turn turn, HashSet<string> answers, HashSet<string> before, AnthropicRules rules, Findings findings)
    {
        var calls = turn.Blocks.Where(block => block.Type == "tool_use").ToList();
        var here = new HashSet<string>(StringComparer.Ordinal);

        foreach (var call in calls.Where(call => !here.Add(call.Id("id")) || (!rules.TakesToolUseIdsAgain && before.Contains(call.Id("id")))))
        {
            findings.Add("tool-use-id-doubled", $"{call.Path}: `tool_use` ids must be unique");
        }

        before.UnionWith(here);

        // A text behind a call gets the answer that the call lacks its result, although the result follows.
        if (turn.Blocks.SkipWhile(block => block.Type != "tool_use").Any(block => block.Type != "tool_use"))
        {
            findings.Add("tool-use-not-last", Unanswered(turn, calls.Select(call => call.Id("id"))));
        }

        if (calls.Where(call => !answers.Contains(call.Id("id"))).Select(call => call.Id("id")).ToList() is { Count: > 0 } open)
        {
            findings.Add("tool-use-unanswered", Unanswered(turn, open));
        }
    }

    private static void CheckResults(Turn turn, HashSet<string> calls, Findings findings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);

        foreach (var result in turn.Blocks.Where(block => block.Type == "tool_result"))
        {
            var id = result.Id("tool_use_id");

            if (!calls.Contains(id))
            {
                findings.Add(
                    "tool-result-orphaned",
                    $"{result.Path}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. " +
                    "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
            }

            if (!seen.Add(id))
            {
                findings.Add("tool-result-doubled", $"{result.Path}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {id}");
            }
        }

        if (turn.Blocks.SkipWhile(block => block.Type == "tool_result").Any(block => block.Type == "tool_result"))
        {
            findings.Add("tool-result-not-first", $"messages.{turn.First}: `tool_result` blocks must come first in the content");
        }
    }

    private static string Unanswered(Turn turn, IEnumerable<string> ids) =>
        $"messages.{turn.First}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", ids)}. " +
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message.";
}
