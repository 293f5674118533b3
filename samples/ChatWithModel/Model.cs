using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Microsoft.Extensions.AI;
using OpenAI;

namespace ChatWithModel;

/// <summary>The model that answers.</summary>
/// <param name="Client">The client that asks it.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">Where it is, for people.</param>
internal sealed record Model(IChatClient Client, string Name, string Description)
{
    /// <summary>Chooses by the keys in the environment; without any, the local desk.</summary>
    /// <param name="name">The model's name; <see langword="null"/> for the provider's usual one.</param>
    public static Model FromEnvironment(string? name)
    {
        if (Read("ANTHROPIC_API_KEY") is not null)
        {
            // It reads its key and ANTHROPIC_BASE_URL itself.
            name ??= "claude-haiku-4-5";
            return new Model(new AnthropicClient { MaxRetries = 1 }.AsIChatClient(name), name, $"{name} of Anthropic answers.");
        }

        var address = Read("OPENAI_BASE_URL");
        if (Read("OPENAI_API_KEY") is { } key || address is not null)
        {
            name ??= "gpt-5-mini";
            var options = new OpenAIClientOptions { RetryPolicy = new ClientRetryPolicy(maxRetries: 1) };
            if (address is not null)
                options.Endpoint = new Uri(address);
            return new Model(new OpenAIClient(new ApiKeyCredential(Read("OPENAI_API_KEY") ?? "none"), options).GetChatClient(name).AsIChatClient(), name, $"{name} at {options.Endpoint?.Authority ?? "OpenAI"} answers.");
        }

        name ??= LocalDesk.Name;
        var pause = Console.IsOutputRedirected ? TimeSpan.FromMilliseconds(5) : TimeSpan.FromMilliseconds(40);
        return new Model(new LocalDesk(pause), name, "There is no ANTHROPIC_API_KEY and no OPENAI_API_KEY, so a few rules answer in place of a model.");
    }

    private static string? Read(string variable) => Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value ? value : null;
}
