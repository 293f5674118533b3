namespace Conversations.Tests.Identity;

public sealed class ConversationIdentityTests
{
    // Not theory data: what a test is named after must be well-formed.
    private static readonly string[] Refused = ["", " ", "\t\r\n", "\u00A0", "secret\0", "secret\uD800", "\uDC00secret", "secret\uDC00\uD800"];

    [Fact]
    public void ForUser_has_one_field()
    {
        var identity = ConversationIdentity.ForUser("user_123");

        identity.Fields.Should().Equal(new Dictionary<string, string>(StringComparer.Ordinal) { ["user_id"] = "user_123" });
        identity.UserId.Should().Be("user_123");
        identity.Key.Should().Be("user_123");
        identity.ToString().Should().Be(identity.Key);
    }

    [Fact]
    public void ForUser_of_a_tenant_has_both_fields()
    {
        var identity = ConversationIdentity.ForUser("user_123", "acme");

        identity.Key.Should().Be("user_123;tenant_id=acme");
        identity.Should().Be(ConversationIdentity.FromFields([new("tenant_id", "acme"), new("user_id", "user_123")]));
    }

    [Fact]
    public void Identity_with_one_more_field_is_different()
    {
        var user = ConversationIdentity.ForUser("user_123");

        var visit = user.With(IdentityFields.SessionId, "s1");

        visit.Should().NotBe(user);
        visit.Key.Should().NotBe(user.Key);
        user.Fields.Should().ContainSingle();
    }

    [Fact]
    public void With_replaces_the_value_of_a_field_it_has()
    {
        var identity = ConversationIdentity.ForUser("user_123", "acme").With(IdentityFields.TenantId, "umbrella");

        identity.Should().Be(ConversationIdentity.ForUser("user_123", "umbrella"));
    }

    [Fact]
    public void Identity_without_a_user_has_no_user_id()
    {
        var identity = ConversationIdentity.FromFields([new("session_id", "s1")]);

        identity.UserId.Should().BeNull();
        identity.Key.Should().Be(";session_id=s1");
    }

    [Theory]
    [InlineData("a", "\u0430")]
    [InlineData("\u00E9", "e\u0301")]
    [InlineData("a", "A")]
    [InlineData("a", "a ")]
    [InlineData("%3A", ":")]
    public void Values_are_compared_ordinally(string one, string other)
    {
        ConversationIdentity.ForUser(one).Should().NotBe(ConversationIdentity.ForUser(other));
    }

    [Fact]
    public void FromFields_copies_the_collection()
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["user_id"] = "user_123" };
        var identity = ConversationIdentity.FromFields(fields);

        fields["user_id"] = "user_456";

        identity.UserId.Should().Be("user_123");
    }

    [Fact]
    public void FromFields_refuses_no_fields()
    {
        var act = () => ConversationIdentity.FromFields([]);

        act.Should().Throw<ArgumentException>().WithParameterName("fields");
    }

    [Fact]
    public void FromFields_refuses_a_duplicate_name()
    {
        var act = () => ConversationIdentity.FromFields([new("user_id", "secret-1"), new("user_id", "secret-2")]);

        act.Should().Throw<ArgumentException>().WithParameterName("fields").Which.Message.Should().NotContain("secret");
    }

    [Fact]
    public void ForUser_refuses_a_bad_value_without_repeating_it()
    {
        Refused.Should().AllSatisfy(value =>
        {
            Refuses(() => ConversationIdentity.ForUser(value), "userId");
            Refuses(() => ConversationIdentity.ForUser(value, "acme"), "userId");
            Refuses(() => ConversationIdentity.ForUser("user_123", value), "tenantId");
        });
    }

    [Fact]
    public void FromFields_and_With_refuse_a_bad_field_without_repeating_it()
    {
        Refused.Should().AllSatisfy(value =>
        {
            Refuses(() => ConversationIdentity.FromFields([new("user_id", value)]), "fields");
            Refuses(() => ConversationIdentity.FromFields([new(value, "user_123")]), "fields");
            Refuses(() => ConversationIdentity.ForUser("user_123").With(value, "x"), "field");
            Refuses(() => ConversationIdentity.ForUser("user_123").With("x", value), "value");
        });
    }

    [Fact]
    public void A_null_is_refused()
    {
        Refuses(() => ConversationIdentity.ForUser(null!), "userId");
        Refuses(() => ConversationIdentity.FromFields(null!), "fields");
        Refuses(() => ConversationIdentity.FromFields([new("user_id", null!)]), "fields");
    }

    private static void Refuses(Action act, string parameter) =>
        act.Should().Throw<ArgumentException>().WithParameterName(parameter).Which.Message.Should().NotContain("secret");

    [Theory]
    [InlineData("user_123")]
    [InlineData("a;b=c:d%3A@*#é\u0085 /")]
    public void Parse_of_a_key_returns_the_identity(string text)
    {
        ConversationIdentity[] identities =
        [
            ConversationIdentity.ForUser(text), ConversationIdentity.ForUser("user", text), ConversationIdentity.FromFields([new(text, text)]), ConversationIdentity.FromFields([new("session_id", text)]),
        ];

        foreach (var identity in identities)
            SessionIdFormat.ReadIdentity(identity.Key).Should().Be(identity);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*;tenant_id=acme")]
    [InlineData("#order-7")]
    [InlineData("user;b=1;a=2")]
    [InlineData("user;b=1;b=1")]
    [InlineData("user;tenant_id")]
    [InlineData("%7")]
    public void Parse_of_other_text_returns_null(string text) => SessionIdFormat.ReadIdentity(text).Should().BeNull();
}
