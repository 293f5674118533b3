using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>
/// Encrypted reasoning comes back to the model that wrote it, unchanged, under the id that it had or none
/// (platform.openai.com/docs/guides/reasoning; "The encrypted content could not be verified": github.com/openai/codex/issues/5538). Thread-safe.
/// </summary>
internal sealed class ReasoningRules
{
    private readonly ConcurrentDictionary<string, (string Model, string Id)> _issued = new(StringComparer.Ordinal);

    /// <summary>Encrypts the reasoning of an answer, by the number of its block.</summary>
    public IReadOnlyDictionary<int, string> Issue(IReadOnlyList<ReplyBlock> blocks, OpenAIRequest request)
    {
        var encrypted = new Dictionary<int, string>();
        for (var index = 0; index < blocks.Count; index++)
        {
            if (blocks[index] is ThinkingReply or RedactedThinkingReply)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"rs_{request.Number:D8}_{index}");
                encrypted[index] = $"gAAAA+{id}/{request.Model}==";
                _issued[encrypted[index]] = (request.Model, id);
            }
        }

        return encrypted;
    }

    public void Check(JsonElement item, string path, string model, Findings findings)
    {
        var encrypted = item.TryGetProperty("encrypted_content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()! : "";
        var id = item.TryGetProperty("id", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        if (encrypted.Length == 0)
        {
            findings.Add("reasoning-unsigned", id is null ? $"{path}: Missing required parameter: 'encrypted_content'." : $"Item with id '{id}' not found. Items are not persisted when `store` is set to false.");
        }
        else if (!_issued.TryGetValue(encrypted, out var issued) || issued.Model != model)
        {
            findings.Add("reasoning-encrypted", $"{path}: The encrypted content {encrypted} could not be verified.");
        }
        else if (id is not null && id != issued.Id)
        {
            findings.Add("reasoning-id", $"{path}: The encrypted content belongs to another item than '{id}'.");
        }
    }
}
