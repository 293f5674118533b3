using Conversations.Extensions.AI.Tests.Client;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Extensions.AI.Tests.Pipeline;

/// <summary>Conversations in a pipeline that is built from services.</summary>
public sealed class UseConversationsTests : IDisposable
{
    private readonly FakeModel _model = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UseConversations_asks_for_the_caller_at_each_request(bool streamed)
    {
        await using var provider = Services().AddSingleton<CurrentUser>().BuildServiceProvider();
        using var client = _model.AsBuilder().UseConversations("bot", services => services.GetRequiredService<CurrentUser>().Identity).Build(provider);
        var user = provider.GetRequiredService<CurrentUser>();

        await AskAsync("alice", "I am Alice.");
        await AskAsync("bob", "I am Bob.");
        await AskAsync("alice", "Who am I?");

        _model.LastPrompt.Select(message => message.Text).Should().Equal("I am Alice.", "hi", "Who am I?");

        async Task AskAsync(string name, string text)
        {
            user.Identity = ConversationIdentity.ForUser(name);
            if (streamed)
                await client.GetStreamingResponseAsync(text, cancellationToken: Cancellation).ToChatResponseAsync(Cancellation);
            else
                await client.GetResponseAsync(text, cancellationToken: Cancellation);
        }
    }

    [Fact]
    public async Task UseConversations_keeps_the_callers_of_requests_apart_that_run_at_the_same_time()
    {
        await using var provider = Services().AddSingleton<CurrentUser>().BuildServiceProvider();
        using var client = _model.AsBuilder().UseConversations("bot", services => services.GetRequiredService<CurrentUser>().Identity).Build(provider);
        var user = provider.GetRequiredService<CurrentUser>();
        var started = new TaskCompletionSource();
        _model.Answer = async (_, cancellation) =>
        {
            if (_model.Requests.Count == 2)
                started.SetResult();
            await started.Task.WaitAsync(cancellation);
            return new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi"));
        };

        // Each has the user of its own flow, as web requests have.
        var ids = await Task.WhenAll(AskAsync("alice"), AskAsync("bob"));

        var manager = provider.GetRequiredService<ConversationManager>();
        (await manager.ForIdentity(ConversationIdentity.ForUser("alice")).GetAsync(ids[0], Cancellation)).Should().NotBeNull();
        (await manager.ForIdentity(ConversationIdentity.ForUser("bob")).GetAsync(ids[1], Cancellation)).Should().NotBeNull();

        async Task<string> AskAsync(string name)
        {
            user.Identity = ConversationIdentity.ForUser(name);
            return (await client.GetResponseAsync("hello", cancellationToken: Cancellation)).ConversationId!;
        }
    }

    [Fact]
    public async Task UseConversations_takes_the_caller_of_the_options_if_it_knows_none()
    {
        await using var provider = Services().BuildServiceProvider();
        var alice = new ConversationChatOptions { Identity = ConversationIdentity.ForUser("alice") };

        foreach (var builder in (ChatClientBuilder[])[_model.AsBuilder().UseConversations("bot"), _model.AsBuilder().UseConversations("bot", _ => null)])
        {
            using var client = builder.Build(provider);
            var response = await client.GetResponseAsync("hello", alice, Cancellation);
            var unnamed = () => client.GetResponseAsync("hello", cancellationToken: Cancellation);

            (await provider.GetRequiredService<ConversationManager>().ForIdentity(alice.Identity).GetAsync(response.ConversationId!, Cancellation)).Should().NotBeNull();
            (await unnamed.Should().ThrowAsync<IdentityRequiredException>()).Which.Agent.Should().Be("bot");
        }
    }

    [Fact]
    public async Task UseConversations_refuses_another_caller_in_the_options_than_it_knows()
    {
        await using var provider = Services().BuildServiceProvider();
        using var client = _model.AsBuilder().UseConversations("bot", _ => ConversationIdentity.ForUser("alice")).Build(provider);

        var asBob = () => client.GetResponseAsync("hello", new ConversationChatOptions { Identity = ConversationIdentity.ForUser("bob") }, Cancellation);

        await asBob.Should().ThrowAsync<ArgumentException>();
        _model.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task UseConversations_takes_the_manager_with_the_key()
    {
        var services = Services();
        services.AddKeyedConversations("support", options => options.AddAgent("keyed-bot")).UseInMemory();
        await using var provider = services.BuildServiceProvider();
        using var client = _model.AsBuilder().UseConversations("keyed-bot", _ => ConversationIdentity.ForUser("alice"), serviceKey: "support").Build(provider);

        var response = await client.GetResponseAsync("hello", cancellationToken: Cancellation);

        (await provider.GetRequiredKeyedService<ConversationManager>("support").GetAsync(response.ConversationId!, Cancellation)).Should().NotBeNull();
        (await provider.GetRequiredService<ConversationManager>().GetAsync(response.ConversationId!, Cancellation)).Should().BeNull();
    }

    [Fact]
    public async Task UseConversations_serves_a_client_that_is_registered_as_a_service()
    {
        var services = Services();
        services.AddChatClient(_model).UseConversations("bot", _ => ConversationIdentity.ForUser("alice")).UseFunctionInvocation();
        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });
        var client = provider.GetRequiredService<IChatClient>();

        var response = await client.GetResponseAsync("hello", cancellationToken: Cancellation);

        response.ConversationId.Should().NotBeNull();
        client.GetService<ConversationChatClient>().Should().BeSameAs(client);
        client.GetService<FunctionInvokingChatClient>().Should().NotBeNull();
    }

    [Fact]
    public async Task UseConversations_sets_the_options_of_the_client()
    {
        await using var provider = Services().BuildServiceProvider();
        using var client = _model.AsBuilder().UseConversations("bot", _ => ConversationIdentity.ForUser("alice"), configure: options => options.ProviderHistory = ProviderHistory.Refuse).Build(provider);
        _model.Answer = static (_, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "hi")) { ConversationId = "resp_1" });

        var asked = () => client.GetResponseAsync("hello", cancellationToken: Cancellation);

        await asked.Should().ThrowAsync<InvalidOperationException>().WithMessage("*ProviderHistory.Refuse*");
    }

    [Fact]
    public async Task UseConversations_names_what_is_missing()
    {
        await using var without = new ServiceCollection().BuildServiceProvider();
        await using var provider = Services().BuildServiceProvider();

        FluentActions.Invoking(() => _model.AsBuilder().UseConversations("bot").Build()).Should().Throw<InvalidOperationException>().WithMessage("*AddConversations()*Build(services)*");
        FluentActions.Invoking(() => _model.AsBuilder().UseConversations("bot").Build(without)).Should().Throw<InvalidOperationException>().WithMessage("*AddConversations()*");
        FluentActions.Invoking(() => _model.AsBuilder().UseConversations("bot", serviceKey: "other").Build(provider)).Should().Throw<InvalidOperationException>().WithMessage("*AddKeyedConversations()*key*");
        FluentActions.Invoking(() => _model.AsBuilder().UseConversations("bot").UseConversations("bot").Build(provider)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => _model.AsBuilder().UseConversations("bot", configure: options => options.OnEarlierMessage = (EarlierMessagePolicy)7).Build(provider)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => _model.AsBuilder().UseConversations(" ")).Should().Throw<ArgumentException>();
    }

    private static ServiceCollection Services()
    {
        var services = new ServiceCollection();
        services.AddConversations(options => options.AddAgent("bot")).UseInMemory();
        return services;
    }

    /// <summary>Knows the user of the current flow, as the accessor of web requests does.</summary>
    private sealed class CurrentUser
    {
        private readonly AsyncLocal<ConversationIdentity?> _identity = new();

        public ConversationIdentity? Identity
        {
            get => _identity.Value;
            set => _identity.Value = value;
        }
    }
}
