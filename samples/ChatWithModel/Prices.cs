using Conversations;

namespace ChatWithModel;

/// <summary>What models cost, in dollars for a million tokens. Providers change their prices: look them up before you rely on these.</summary>
internal static class Prices
{
    public static void AddTo(ConversationOptions options) => options
        .AddPrice("claude-haiku-4-5", inputPerMillion: 1m, outputPerMillion: 5m, cachedInputPerMillion: 0.1m)
        .AddPrice("gpt-5-mini", inputPerMillion: 0.25m, outputPerMillion: 2m, cachedInputPerMillion: 0.025m)
        .AddPrice(LocalDesk.Name, inputPerMillion: 1m, outputPerMillion: 5m)
        .AddPrice(LocalDesk.BriefName, inputPerMillion: 0.1m, outputPerMillion: 0.5m);
}
