using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>What a request puts into the prompt beside the messages of its conversation: system messages of the caller, instructions, tools, and the schema of the answer, in the options or in a message.</summary>
/// <remarks>The allowances are those that OpenAI publishes for function calls: 7 tokens for each function and 12 for the list. A schema is counted as the JSON that it is, which providers make shorter.</remarks>
internal static class RequestCost
{
    private const int OfMessage = 4;
    private const int OfTools = 12;
    private const int OfTool = 7;

    // Tools are the same from turn to turn, and their schemas are long.
    private static readonly ConditionalWeakTable<AITool, TokenCost> Tools = [];

    /// <summary>Returns what counts the tokens; null if there is nothing to count.</summary>
    public static Func<ITokenCounter, int>? Of(IReadOnlyList<ChatMessage> system, ChatMessage? schemaPrompt, ChatOptions? options)
    {
        IReadOnlyList<ChatMessage> messages = schemaPrompt is null ? system : [.. system, schemaPrompt];
        var tools = options?.Tools is { Count: > 0 } some ? some : null;
        var schema = options?.ResponseFormat as ChatResponseFormatJson;
        if (messages.Count == 0 && tools is null && schema is null && string.IsNullOrEmpty(options?.Instructions))
            return null;

        return counter =>
        {
            var tokens = messages.Sum(message => OfMessage + message.Contents.OfType<TextContent>().Sum(text => Count(counter, text.Text)));
            if (!string.IsNullOrEmpty(options?.Instructions))
                tokens += OfMessage + Count(counter, options.Instructions);
            if (schema is not null)
                tokens += OfTool + Count(counter, schema.SchemaName) + Count(counter, schema.SchemaDescription) + Count(counter, schema.Schema?.GetRawText());
            if (tools is not null)
                tokens += OfTools + tools.Sum(tool => CountTool(counter, tool));
            return (int)Math.Min(tokens, int.MaxValue);
        };
    }

    private static long CountTool(ITokenCounter counter, AITool tool)
    {
        if (Tools.TryGetValue(tool, out var known) && string.Equals(known.Counter, counter.Name, StringComparison.Ordinal))
            return known.Tokens;

        var schema = tool.GetService<AIFunctionDeclaration>()?.JsonSchema.GetRawText();
        var cost = new TokenCost(counter.Name, OfTool + Count(counter, tool.Name) + Count(counter, tool.Description) + Count(counter, schema));
        Tools.AddOrUpdate(tool, cost);
        return cost.Tokens;
    }

    private static long Count(ITokenCounter counter, string? text) => string.IsNullOrEmpty(text) ? 0 : counter.Count(text);

    private sealed record TokenCost(string Counter, long Tokens);
}
