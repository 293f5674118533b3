using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;
using OpenAI.Responses;

namespace Conversations.Extensions.AI.Tests.Replays;

/// <summary>A provider of a replay: its real client, connected to a server on this machine that enforces its rules.</summary>
/// <remarks>Thread-safe.</remarks>
internal abstract class ReplayProvider : IAsyncDisposable
{
    /// <summary>Gets the names of the providers.</summary>
    public static IReadOnlyList<string> Names { get; } = ["anthropic", "openai", "responses"];

    /// <summary>Gets the provider's client.</summary>
    public abstract IChatClient Client { get; }

    /// <summary>Gets how many requests there were.</summary>
    public abstract int RequestCount { get; }

    /// <summary>Gets every rule that was broken so far.</summary>
    public abstract IReadOnlyList<RuleViolation> Violations { get; }

    /// <summary>Starts the server of a provider.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static async Task<ReplayProvider> StartAsync(string name) => name switch
    {
        "anthropic" => new Claude(await AnthropicServer.StartAsync(keepsRequests: false)),
        "openai" => new Completions(await OpenAIServer.StartAsync(keepsRequests: false)),
        "responses" => new Responses(await OpenAIServer.StartAsync(keepsRequests: false)),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    /// <summary>Gets whether a part of what the model thinks can be hidden from people.</summary>
    public virtual bool HidesThoughts => true;

    /// <summary>Has requests answered by a function of their model and of whether they are streamed.</summary>
    public abstract void AnswerWith(Func<string, bool, ReplayStep> answer);

    /// <summary>Sets what the provider needs beside the options of every request.</summary>
    /// <param name="options">The options.</param>
    /// <param name="thinks">Whether the model is to think.</param>
    public abstract void Prepare(ChatOptions options, bool thinks);

    /// <summary>Returns whether an exception is what the client makes of an error or of a stream that breaks off. A request that breaks a rule is no fault.</summary>
    public abstract bool IsFault(Exception exception);

    public abstract ValueTask DisposeAsync();

    private sealed class Claude(AnthropicServer server) : ReplayProvider
    {
        public override IChatClient Client { get; } = server.CreateChatClient();

        public override int RequestCount => server.RequestCount;

        public override IReadOnlyList<RuleViolation> Violations => server.Violations;

        public override void AnswerWith(Func<string, bool, ReplayStep> answer) =>
            server.Answer = request => answer(request.Body.GetProperty("model").GetString()!, request.IsStreamed).ForAnthropic();

        public override void Prepare(ChatOptions options, bool thinks)
        {
            if (thinks)
                (options.Reasoning, options.MaxOutputTokens) = (new ReasoningOptions { Effort = ReasoningEffort.Low }, 20_000);
        }

        public override bool IsFault(Exception exception) =>
            exception is IOException or AnthropicSseException or AnthropicIOException or AnthropicRateLimitException or Anthropic5xxException or AnthropicOverloadedException;

        public override ValueTask DisposeAsync()
        {
            Client.Dispose();
            return server.DisposeAsync();
        }
    }

    private class Completions(OpenAIServer server, IChatClient client) : ReplayProvider
    {
        public override bool HidesThoughts => false;

        public Completions(OpenAIServer server)
            : this(server, server.CreateChatClient())
        {
        }

        public override IChatClient Client { get; } = client;

        public override int RequestCount => server.RequestCount;

        public override IReadOnlyList<RuleViolation> Violations => server.Violations;

        public override void AnswerWith(Func<string, bool, ReplayStep> answer) => server.Answer = request => answer(request.Model, request.IsStreamed).ForOpenAI();

        public override void Prepare(ChatOptions options, bool thinks)
        {
        }

        public override bool IsFault(Exception exception) => exception is IOException or HttpRequestException or ClientResultException { Status: not 400 } or InvalidOperationException { Source: "OpenAI" or "Microsoft.Extensions.AI.OpenAI" };

        public override ValueTask DisposeAsync()
        {
            Client.Dispose();
            return server.DisposeAsync();
        }
    }

    private sealed class Responses(OpenAIServer server) : Completions(server, server.CreateResponsesClient())
    {
        public override bool HidesThoughts => true;

        // The provider is to keep no responses. Its reasoning then comes in a form that can be sent back, if that is asked for.
        public override void Prepare(ChatOptions options, bool thinks) => options.RawRepresentationFactory = _ =>
        {
            var settings = new CreateResponseOptions { StoredOutputEnabled = false };
            if (thinks)
                settings.IncludedProperties.Add(IncludedResponseProperty.ReasoningEncryptedContent);
            return settings;
        };
    }
}
