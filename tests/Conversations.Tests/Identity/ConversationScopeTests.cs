namespace Conversations.Tests.Identity;

public sealed class ConversationScopeTests
{
    private static readonly ConversationIdentity User = ConversationIdentity.ForUser("user_123");
    private static readonly ConversationIdentity TenantUser = ConversationIdentity.ForUser("user_123", "acme");

    // Not theory data: what a test is named after must be well-formed.
    private static readonly string[] Refused = ["", " ", "secret\0", "secret\uD800"];

    [Fact]
    public void SessionId_of_a_user_is_channel_user_and_agent()
    {
        var scope = new ConversationScope("default", "support-bot", ConversationOwner.Of(User), "chat");

        scope.SessionId.Should().Be("chat:user_123:support-bot");
        scope.ToString().Should().Be(scope.SessionId);
    }

    [Fact]
    public void SessionId_of_more_fields_and_another_project_names_them()
    {
        var scope = new ConversationScope("sales", "support-bot", ConversationOwner.Of(TenantUser), "chat");

        scope.SessionId.Should().Be("chat:user_123;tenant_id=acme:support-bot@sales");
    }

    [Fact]
    public void SessionId_of_a_shared_scope_has_stars()
    {
        var scope = new ConversationScope("default", "team-bot", ConversationOwner.SharedBy(["tenant_id"], TenantUser), channel: null);

        scope.SessionId.Should().Be("*:*;tenant_id=acme:team-bot");
    }

    [Fact]
    public void SessionId_of_a_thread_has_its_key()
    {
        var scope = new ConversationScope("default", "crm-agent", ConversationOwner.SharedBy(["tenant_id"], TenantUser, "order-7"), channel: null);

        scope.SessionId.Should().Be("*:#order-7;tenant_id=acme:crm-agent");
    }

    [Fact]
    public void SessionId_escapes_special_and_control_characters()
    {
        var scope = new ConversationScope("default", "a@b", ConversationOwner.Of(ConversationIdentity.ForUser("x:y;z=%#*\n\u0085\u007F")), "chat");

        scope.SessionId.Should().Be("chat:x%3Ay%3Bz%3D%25%23%2A%0A%85%7F:a%40b");
    }

    [Fact]
    public void SharedBy_a_caller_without_the_field_is_shared_by_callers_without_it()
    {
        var without = ConversationOwner.SharedBy(["tenant_id"], User);

        without.Should().Be(ConversationOwner.SharedBy(["tenant_id"], null));
        without.Should().NotBe(ConversationOwner.SharedBy(["tenant_id"], TenantUser));
        without.Should().NotBe(ConversationOwner.SharedBy([], User));
        without.Audience.Should().Be("*;tenant_id");
    }

    [Fact]
    public void Owners_of_two_threads_have_two_audiences()
    {
        var one = ConversationOwner.SharedBy(["tenant_id"], TenantUser, "order-7");
        var other = ConversationOwner.SharedBy(["tenant_id"], TenantUser, "order-8");

        one.Audience.Should().NotBe(other.Audience);
    }

    [Theory]
    [InlineData("")]
    [InlineData("chat")]
    [InlineData("chat:user_123")]
    [InlineData("chat:user_123:bot:x")]
    [InlineData("chat:user_123:bot@default")]
    [InlineData("chat:user_123:bot@a@b")]
    [InlineData("chat:user_123:bot@")]
    [InlineData("chat::bot")]
    [InlineData(":user_123:bot")]
    [InlineData("chat:user_123:")]
    [InlineData("*:user_123:bot")]
    [InlineData("chat:*:bot")]
    [InlineData("chat:#order-7:bot")]
    [InlineData("*:#:bot")]
    [InlineData("chat:user%5F123:bot")]
    [InlineData("chat:a%3ab:bot")]
    [InlineData("chat:a%3:bot")]
    [InlineData("chat:a%zz:bot")]
    [InlineData("chat:a%00:bot")]
    [InlineData("chat:a;:bot")]
    [InlineData("chat:a;tenant_id:bot")]
    [InlineData("chat:a;tenant_id=:bot")]
    [InlineData("chat:a;=acme:bot")]
    [InlineData("chat:a;z=1;b=2:bot")]
    [InlineData("chat:a;b=1;b=1:bot")]
    [InlineData("chat:a;user_id=a:bot")]
    [InlineData("chat:;user_id=a:bot")]
    [InlineData("*:*;b;a:bot")]
    [InlineData("*:*;a;a:bot")]
    [InlineData("*:*;a=:bot")]
    [InlineData("*:**:bot")]
    public void Parse_refuses_other_spellings(string text)
    {
        var act = () => ConversationScope.Parse(text);

        act.Should().Throw<FormatException>();
    }

    [Fact]
    public void Parse_refuses_a_lone_surrogate_and_a_bare_control_character()
    {
        FluentActions.Invoking(() => ConversationScope.Parse("chat:a\uD800:bot")).Should().Throw<FormatException>();
        FluentActions.Invoking(() => ConversationScope.Parse("chat:a\nb:bot")).Should().Throw<FormatException>();
        FluentActions.Invoking(() => ConversationScope.Parse("chat:a\0b:bot")).Should().Throw<FormatException>();
    }

    [Fact]
    public void Parse_does_not_repeat_what_it_refuses()
    {
        var act = () => ConversationScope.Parse("secret");

        act.Should().Throw<FormatException>().Which.Message.Should().NotContain("secret");
    }

    [Fact]
    public void Scope_refuses_a_bad_value_without_repeating_it()
    {
        Refused.Should().AllSatisfy(RefusesEverywhere);
    }

    private static void RefusesEverywhere(string text)
    {
        Refuses(() => _ = new ConversationScope(text, "bot", ConversationOwner.Of(User), "chat"), "project");
        Refuses(() => _ = new ConversationScope("default", text, ConversationOwner.Of(User), "chat"), "agent");
        Refuses(() => _ = new ConversationScope("default", "bot", ConversationOwner.Of(User), text), "channel");
        Refuses(() => ConversationOwner.SharedBy(["tenant_id"], User, text), "thread");
        Refuses(() => ConversationOwner.SharedBy([text], User), "fields");
    }

    [Fact]
    public void Scope_is_refused_when_the_channel_does_not_fit_the_owner()
    {
        Refuses(() => _ = new ConversationScope("default", "bot", ConversationOwner.Of(User), channel: null), "channel");
        Refuses(() => _ = new ConversationScope("default", "bot", ConversationOwner.SharedBy([], User), "chat"), "channel");
    }

    private static void Refuses(Action act, string parameter) =>
        act.Should().Throw<ArgumentException>().WithParameterName(parameter).Which.Message.Should().NotContain("secret");
}
