using Conversations.Storage;
using FluentAssertions;
using Xunit;

namespace Conversations.StoreSpecification;

/// <summary>Any text comes back as it went in.</summary>
public abstract class TextSpecification<TFixture> : ConversationStoreSpecification<TFixture>
    where TFixture : StoreFixture, new()
{
    /// <summary>The names of texts that may be a key.</summary>
    public static TheoryData<string> KeyNames => HostileTexts.KeyNames;

    /// <summary>The names of texts that may be content.</summary>
    public static TheoryData<string> ContentNames => HostileTexts.ContentNames;

    // Texts are compared by string.Equals, since a failure of FluentAssertions would print ten megabytes.
    [Theory, Rule("9.1")]
    [MemberData(nameof(ContentNames))]
    public async Task Content_comes_back(string name)
    {
        var text = HostileTexts.Get(name);
        var parts = new ConversationMessage(MessageRole.Assistant, new TextPart(text), new ToolCallPart(text, text, text), new TextPart(""));
        var result = new ConversationMessage(MessageRole.Tool, new ToolResultPart(text, text) { Name = text }, new ErrorPart(text) { Code = text });
        var begun = await BeginAsync(Turn(text: text));

        await Store.CommitTurnAsync(Completion(begun.Lease, text) with { Messages = [parts with { CreatedAt = Time.GetUtcNow() }, result with { CreatedAt = Time.GetUtcNow() }] });

        var messages = await MessagesAsync(begun.Lease.ConversationId);
        messages.Should().HaveCount(3);
        messages[0].Parts.SequenceEqual([new TextPart(text)]).Should().BeTrue();
        messages[1].Parts.SequenceEqual(parts.Parts).Should().BeTrue();
        messages[2].Parts.SequenceEqual(result.Parts).Should().BeTrue();
        var window = await Store.ReadWindowAsync(new WindowQuery { ConversationId = begun.Lease.ConversationId, Access = Host, Before = 3, Limit = 2 });
        window.SequenceEqual(messages.Take(2)).Should().BeTrue();
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(ContentNames))]
    public async Task Titles_come_back(string name)
    {
        var title = HostileTexts.Get(name);

        var created = await Store.CreateConversationAsync(Creation() with { Title = title });
        var begun = await BeginAsync(Turn(ScopeOf("user_2")) with { Title = title });
        var renamed = await Store.UpdateConversationAsync((await CreateAsync()).Id, Host, new ConversationChange { Title = title });

        var read = new[] { created, await GetAsync(created.Id), await GetAsync(begun.Lease.ConversationId), renamed! };
        Array.TrueForAll(read, conversation => string.Equals(conversation.Title, title, StringComparison.Ordinal)).Should().BeTrue();
    }

    [Theory, Rule("9.1", "5.4")]
    [MemberData(nameof(KeyNames))]
    public async Task Scopes_come_back(string name)
    {
        var text = HostileTexts.Get(name);
        var identity = ConversationIdentity.FromFields([new("user_id", text), new(text, text)]);
        var personal = new ConversationScope(text, text, ConversationOwner.Of(identity), text);
        var shared = new ConversationScope(text, text, ConversationOwner.SharedBy([text], identity, text), null);

        var mine = await BeginAsync(Turn(personal));
        var ours = await BeginAsync(Turn(shared));

        var read = await Store.GetConversationAsync(mine.Lease.ConversationId, AccessOf(personal));
        read.Should().NotBeNull();
        read!.SessionId.Should().Be(personal.SessionId);
        new[] { read.Project, read.Agent, read.Channel, read.UserId }.Should().AllBe(text);
        var listed = await Store.ListConversationsAsync(new ConversationListing { Access = AccessOf(shared), Agent = text, Thread = text, Limit = 9 });
        listed.Should().ContainSingle().Which.Should().Match<Conversation>(c => c.Id == ours.Lease.ConversationId && c.Thread == text);
        (await Store.GetCurrentAsync(personal)).Should().Be(read);
        (await Store.ListConversationsAsync(new ConversationListing { Access = AccessOf(personal), UserId = text, Channel = text, Limit = 9 })).Should().Equal(read);
    }

    [Theory, Rule("9.1", "6.1")]
    [MemberData(nameof(KeyNames))]
    public async Task Keys_callers_models_and_errors_come_back(string name)
    {
        var text = HostileTexts.Get(name);
        var command = Turn() with { Caller = text, IdempotencyKey = text, Fingerprint = text };
        var begun = await BeginAsync(command);

        await Store.CommitTurnAsync(new CommitTurnCommand { Lease = begun.Lease, Status = RunStatus.Completed, Model = text, Error = text });

        var run = await RunOfAsync(begun.Lease);
        new[] { run.Caller, run.IdempotencyKey, run.Model, run.Error }.Should().AllBe(text);
        (await Store.BeginTurnAsync(command)).Should().Be(new TurnCompletedBefore(run));
        (await Store.BeginTurnAsync(command with { Fingerprint = text + "x" })).Should().Be(new TurnMismatch());
    }

    [Theory, Rule("9.1")]
    [MemberData(nameof(KeyNames))]
    public async Task Ids_come_back(string name)
    {
        var id = "conv_" + HostileTexts.Get(name);
        var begun = await BeginAsync(Turn() with { NewConversationId = id });

        (await CommitAsync(begun.Lease, "answer")).Should().BeTrue();

        begun.Lease.ConversationId.Should().Be(id);
        (await GetAsync(id)).Id.Should().Be(id);
        (await MessagesAsync(id)).Should().HaveCount(2).And.OnlyContain(message => message.ConversationId == id);
        (await Store.DeleteConversationAsync(id, Host)).Should().BeTrue();
    }

    [Fact, Rule("9.1", "6.1")]
    public async Task Keys_are_compared_ordinally()
    {
        string[] keys = ["key", "KEY", "key ", " key", "k\u00E9y", "ke\u0301y", "key\uFFFF"];

        foreach (var key in keys)
            (await BeginAsync(Keyed(key, ScopeOf()) with { StartNew = true })).InputPosition.Should().Be(1, key);
    }
}
