using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Nothing that goes in or comes out is shared with the store.</summary>
public abstract class CopySpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    [Fact, Rule("1.1")]
    public async Task A_list_that_went_in_may_be_changed()
    {
        var input = new List<ConversationMessage> { User("in") };
        var output = new List<ConversationMessage> { Assistant("out") };
        var past = new List<ConversationMessage> { User("past") };

        var begun = await BeginAsync(Turn() with { Input = input });
        await Store.CommitTurnAsync(Completion(begun.Lease) with { Messages = output });
        var created = await Store.CreateConversationAsync(Creation() with { Messages = past });
        foreach (var list in new[] { input, output, past })
        {
            list[0] = User("changed");
            list.Add(User("added"));
        }

        (await TextsAsync(begun.Lease.ConversationId)).Should().Equal("in", "out");
        (await TextsAsync(created.Id)).Should().Equal("past");
    }

    [Fact, Rule("1.1")]
    public async Task A_list_that_came_out_may_be_changed()
    {
        var begun = await ExchangeAsync();
        var before = await StateAsync();
        var window = new WindowQuery { ConversationId = begun.Lease.ConversationId, Access = Host, Before = 9, Limit = 9 };

        Spoil(await MessagesAsync(begun.Lease.ConversationId));
        Spoil(await Store.ReadWindowAsync(window));
        Spoil(await ListAsync());

        (await StateAsync()).Should().Equal(before);
        (await Store.ReadWindowAsync(window)).Should().Equal(before.OfType<ConversationMessage>());
    }

    [Fact, Rule("1.1")]
    public async Task A_list_that_came_out_does_not_change()
    {
        var begun = await BeginAsync();
        var messages = await MessagesAsync(begun.Lease.ConversationId);
        var listed = await ListAsync();
        var conversation = await GetAsync(begun.Lease.ConversationId);

        await CommitAsync(begun.Lease, "answer");
        await Store.DeleteMessageAsync(begun.Lease.ConversationId, 1, Host);

        messages.Should().ContainSingle().Which.Text.Should().Be("hello");
        listed.Should().ContainSingle().Which.MessageCount.Should().Be(1);
        conversation.LastPosition.Should().Be(1);
    }

    private static void Spoil<T>(IReadOnlyList<T> list)
    {
        if (list is not IList<T> { IsReadOnly: false } writable)
            return;

        writable[0] = default!;
        if (writable is List<T> growing)
            growing.Clear();
    }
}
