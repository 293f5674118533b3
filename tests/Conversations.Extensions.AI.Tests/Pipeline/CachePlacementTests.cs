using Conversations.Extensions.AI.Tests.Client;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Conversations.Extensions.AI.Tests.Pipeline;

/// <summary>Where a cache of responses that several users share can be: beside the model, and nowhere else. The guide says so (Chat clients, Caches), and these tests show what happens elsewhere.</summary>
public sealed class CachePlacementTests : ChatClientTest
{
    private readonly IDistributedCache _cache = new MemoryDistributedCache(Microsoft.Extensions.Options.Options.Create(new MemoryDistributedCacheOptions()));
    private ConversationIdentity _user = ConversationIdentity.ForUser("alice");

    public CachePlacementTests() => Model.Answer = static (prompt, _) => Task.FromResult(new ChatResponse(prompt[^1].Role == ChatRole.Tool
        ? new ChatMessage(ChatRole.Assistant, $"You have {prompt[^1].Contents.OfType<FunctionResultContent>().Single().Result}.")
        : new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1", "balance")])));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cache_beside_the_model_gives_each_user_an_answer_of_its_own(bool streamed)
    {
        using var client = Build(builder => builder.UseConversations("bot", _ => _user).UseFunctionInvocation().UseDistributedCache(_cache));

        var (alices, bobs) = (await AskAsync(client, "alice", streamed), await AskAsync(client, "bob", streamed));

        (alices.Text, bobs.Text).Should().Be(("You have 100 of alice.", "You have 100 of bob."));
        Model.Requests.Should().HaveCount(3, "both users asked the same of the model; what the function returned differs");
        (await Manager.ForIdentity(_user).GetMessagesAsync(bobs.ConversationId!, cancellationToken: Cancellation).CountAsync(Cancellation)).Should().Be(4);
    }

    [Fact]
    public void Cache_around_functions_is_refused()
    {
        var build = () => Build(builder => builder.UseConversations("bot", _ => _user).UseDistributedCache(_cache).UseFunctionInvocation());

        build.Should().Throw<ArgumentException>().WithMessage("*UseDistributedCache behind UseFunctionInvocation*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cache_around_functions_would_give_a_user_what_a_function_returned_to_another(bool streamed)
    {
        // Without conversations, which refuse it.
        using var client = Build(builder => builder.UseDistributedCache(_cache).UseFunctionInvocation());

        var (_, bobs) = (await AskAsync(client, "alice", streamed), await AskAsync(client, "bob", streamed));

        bobs.Text.Should().Be("You have 100 of alice.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cache_around_conversations_gives_a_user_the_conversation_of_another(bool streamed)
    {
        using var client = Build(builder => builder.UseDistributedCache(_cache).UseConversations("bot", _ => _user).UseFunctionInvocation());

        var (alices, bobs) = (await AskAsync(client, "alice", streamed), await AskAsync(client, "bob", streamed));

        (bobs.Text, bobs.ConversationId).Should().Be((alices.Text, alices.ConversationId));
        (await ConversationsAsync()).Should().ContainSingle("the request of the second user was no turn");
    }

    private IChatClient Build(Action<ChatClientBuilder> add)
    {
        var builder = Model.AsBuilder();
        add(builder);
        return builder.Build(new ServiceCollection().AddSingleton(Manager).BuildServiceProvider());
    }

    private Task<ChatResponse> AskAsync(IChatClient client, string user, bool streamed)
    {
        _user = ConversationIdentity.ForUser(user);
        var balance = AIFunctionFactory.Create(() => $"100 of {_user.UserId}", "balance");
        return SendAsync(client, streamed, [User("What do I have?")], new ChatOptions { Tools = [balance] });
    }
}
