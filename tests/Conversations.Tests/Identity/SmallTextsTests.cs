namespace Conversations.Tests.Identity;

/// <summary>Every identity of short texts made of delimiters, against every other, which random pairs may miss.</summary>
public sealed class SmallTextsTests
{
    private static readonly string[] Letters = [":", ";", "=", "#", "*", "@", "%", "a", "3A"];

    [Fact]
    public void Keys_of_all_identities_of_short_texts_are_distinct()
    {
        var texts = Letters.Concat(from one in Letters from other in Letters select one + other).Distinct(StringComparer.Ordinal).ToList();
        var identities = texts.Select(ConversationIdentity.ForUser)
            .Concat(from name in texts from value in texts select ConversationIdentity.FromFields([new(name, value)]))
            .Concat(from user in Letters from name in texts from value in Letters select ConversationIdentity.ForUser(user).With(name, value));

        var keys = identities.Select(identity => identity.Key).ToList();

        keys.Should().HaveCountGreaterThan(15_000);
        keys.ToHashSet(StringComparer.Ordinal).Count.Should().Be(keys.Count);
    }

    [Fact]
    public void Keys_of_all_shared_owners_of_short_texts_are_distinct_and_no_identity_has_one()
    {
        string?[] threads = [null, .. Letters];
        var caller = ConversationIdentity.FromFields(Letters.Select(letter => KeyValuePair.Create(letter, "*")));
        var owners =
            from thread in threads
            from one in Letters
            from other in Letters
            where string.CompareOrdinal(one, other) < 0
            from isKnown in new[] { true, false }
            select ConversationOwner.SharedBy([one, other], isKnown ? caller : null, thread);

        var keys = owners.Select(owner => owner.Audience)
            .Concat(threads.Select(thread => ConversationOwner.SharedBy([], null, thread).Audience))
            .Concat(Letters.Select(letter => ConversationIdentity.ForUser(letter).Key))
            .ToList();

        keys.Should().HaveCountGreaterThan(700);
        keys.ToHashSet(StringComparer.Ordinal).Count.Should().Be(keys.Count);
    }
}
